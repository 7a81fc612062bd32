namespace MixGateway.Administration.Api;

internal static class CallEndpoints
{
    public static void MapCalls(this IEndpointRouteBuilder api)
    {
        var calls = api.MapGroup("/calls").WithTags("Operations");
        calls.MapGet("", ListAsync)
            .Describe("listCalls", Scopes.Operations, "List the calls in flight", "Of all replicas, newest first.")
            .Query("accountId", QueryType.Id, "Only calls of this account.")
            .GivesPage<CallInFlight>();
        calls.MapDelete("/{requestId:guid}", StopAsync)
            .Describe(
                "stopCall", Scopes.Operations, "Stop a call", "Wherever it runs; billed as if its caller had left. 204: it has been cut off; 202: the replica that runs it hears of it within seconds.")
            .Produces(StatusCodes.Status204NoContent).Produces(StatusCodes.Status202Accepted).Refuses(404);
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
        var outcome = await calls.StopAsync(context.GetActor(), requestId);
        if (outcome.IsRefused(out var refusal, out var stopped))
        {
            return Problem.Of(context, refusal);
        }

        return stopped.AtOnce ? TypedResults.NoContent() : TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }
}
