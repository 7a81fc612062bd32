namespace MixGateway.Administration.Api;

/// <summary>Turns outcomes into answers.</summary>
internal static class Answer
{
    public static IResult Of<T>(HttpContext context, Outcome<T> outcome, int status = StatusCodes.Status200OK)
        where T : class => outcome.IsRefused(out var refusal, out var value) ? Problem.Of(context, refusal) : Json(value, status);

    public static IResult Json<T>(T value, int status) => TypedResults.Json(value, AdministrationJson.Options, statusCode: status);
}
