using MixGateway.Billing.Reconciliation;

namespace MixGateway.Administration.Api;

internal static class ReconciliationEndpoints
{
    public static void MapReconciliation(this IEndpointRouteBuilder api) => api.MapPost("/reconciliation", RunAsync)
        .WithTags("Operations")
        .Describe(
            "reconcile", Scopes.Operations, "Compare the stores",
            "Balances with their ledgers, the hot store with the database, while calls run. Without `repair` nothing is changed.")
        .Query("repair", QueryType.Flag, "true repairs what drifted, with an entry in the audit log for each account.")
        .Gives<ReconciliationReport>().Refuses(400);

    private static async Task<IResult> RunAsync(HttpContext context, Reconciliations reconciliations)
    {
        var query = new QueryMembers(context);
        var repair = query.Flag("repair");
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await reconciliations.RunAsync(context.GetActor(), repair, context.RequestAborted));
    }
}
