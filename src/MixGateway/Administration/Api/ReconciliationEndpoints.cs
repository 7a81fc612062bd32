namespace MixGateway.Administration.Api;

internal static class ReconciliationEndpoints
{
    public static void MapReconciliation(this IEndpointRouteBuilder api) => api.MapPost("/reconciliation", RunAsync);

    private static async Task<IResult> RunAsync(HttpContext context, Reconciliations reconciliations)
    {
        var query = new QueryMembers(context);
        var repair = query.Flag("repair");
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await reconciliations.RunAsync(Actor.AdminToken, repair, context.RequestAborted));
    }
}
