namespace MixGateway.Administration.Api;

internal static class OperationEndpoints
{
    public static void MapOperations(this IEndpointRouteBuilder api)
    {
        var operations = api.MapGroup("").WithTags("Operations");
        operations.MapGet("/providers", ListProviders)
            .Describe(
                "listProviders", Scopes.Operations, "List providers and how they do",
                "With each destination's health and last errors as the replica that answers sees them. Credentials are never shown.")
            .GivesPage<ProviderEntry>();
        operations.MapGet("/providers/{name}", GetProvider)
            .Describe("getProvider", Scopes.Operations, "Show a provider")
            .Gives<ProviderEntry>().Refuses(404);
        operations.MapGet("/catalog", ShowCatalog)
            .Describe(
                "getCatalog", Scopes.Operations, "Show which catalog is in force",
                "With the messages of an edit that was refused, as long as the settings are not corrected.")
            .Gives<CatalogEntry>();
        operations.MapGet("/models", ListModels)
            .Describe("listModels", Scopes.Operations, "List models and their prices", "By name.")
            .Query("provider", QueryType.Text, "Only models of this provider.")
            .GivesPage<ModelEntry>();
        operations.MapGet("/audit", ListAuditAsync)
            .WithTags("Audit")
            .Describe("listAudit", Scopes.AuditRead, "List who changed what", "Newest first.")
            .Query("actor", QueryType.Text, "Only changes by `admin-token`, `token:NAME` or a user's id.")
            .Query("action", QueryType.Text, "Only changes of this kind, such as `key.revoke`.")
            .Query("subject", QueryType.Text, "Only changes of what has this id.")
            .Query("accountId", QueryType.Id, "Only changes of this account, its keys and its money.")
            .QueryPeriod("the change")
            .GivesPage<AuditLogEntry>();
    }

    private static IResult ListProviders(HttpContext context, Providers providers)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        return query.Errors.Any ? Problem.Of(context, Refusal.Invalid(query.Errors)) : Answer.Of(context, providers.List(page));
    }

    private static IResult GetProvider(HttpContext context, string name, Providers providers) => Answer.Of(context, providers.Get(name));

    private static IResult ShowCatalog(CatalogReport report) => Answer.Json(report.Show(), StatusCodes.Status200OK);

    private static IResult ListModels(HttpContext context, CatalogReport report)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var provider = query.Text("provider");
        return query.Errors.Any ? Problem.Of(context, Refusal.Invalid(query.Errors)) : Answer.Of(context, report.ListModels(provider, page));
    }

    private static async Task<IResult> ListAuditAsync(HttpContext context, AuditLog log)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var filter = new AuditFilter(query.Text("actor"), query.Text("action"), query.Text("subject"), query.Id("accountId"), query.Period());
        if (query.Errors.Any)
        {
            filter.Period.Check(query.Errors);
            return Problem.Of(context, Refusal.Invalid(query.Errors));
        }

        return Answer.Of(context, await log.ListAsync(filter, page, context.RequestAborted));
    }
}
