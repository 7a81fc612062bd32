namespace MixGateway.Administration.Api;

internal static class CallEndpoints
{
    public static void MapCalls(this IEndpointRouteBuilder api)
    {
        api.MapGet("/calls", ListAsync);
        api.MapDelete("/calls/{requestId:guid}", StopAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, CallsInFlight calls)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var accountId = query.Id("accountId");
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await calls.ListAsync(accountId, page));
    }

    /// <summary>204 if the call has been cut off, 202 if the replica that runs it will hear of it.</summary>
    private static async Task<IResult> StopAsync(HttpContext context, Guid requestId, CallsInFlight calls)
    {
        var outcome = await calls.StopAsync(Actor.AdminToken, requestId);
        if (outcome.IsRefused(out var refusal, out var stopped))
        {
            return Problem.Of(context, refusal);
        }

        return stopped.AtOnce ? TypedResults.NoContent() : TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }
}
