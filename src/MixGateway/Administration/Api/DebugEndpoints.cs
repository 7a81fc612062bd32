namespace MixGateway.Administration.Api;

internal static class DebugEndpoints
{
    public static void MapDebugging(this IEndpointRouteBuilder api) => api.MapPost("/accounts/{id:guid}/debug", SetAsync).WithTags("Operations")
        .Describe(
            "debugAccount", Scopes.Operations, "Log an account's calls in detail for some minutes",
            "On every replica, within a second. What is asked and answered is logged only where `Telemetry:DebugContent` allows it. 0 minutes end it.")
        .Takes<DebugBody>("""{"minutes":10}""")
        .Gives<DebugWindow>().Refuses(404);

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
            : Answer.Of(context, await debugging.SetAsync(context.GetActor(), id, minutes));
    }
}
