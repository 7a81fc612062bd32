namespace MixGateway.Administration.Api;

internal static class DebugEndpoints
{
    public static void MapDebugging(this IEndpointRouteBuilder api) => api.MapPost("/accounts/{id:guid}/debug", SetAsync);

    private static async Task<IResult> SetAsync(HttpContext context, Guid id, AccountDebugging debugging)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return problem!;
        }

        var minutes = body.Integer("minutes").Value;
        body.RefuseRest();
        return body.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(body.Errors))
            : Answer.Of(context, await debugging.SetAsync(Actor.AdminToken, id, minutes));
    }
}
