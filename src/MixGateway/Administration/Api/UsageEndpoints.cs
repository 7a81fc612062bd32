using MixGateway.Usage;

namespace MixGateway.Administration.Api;

internal static class UsageEndpoints
{
    public static void MapUsage(this IEndpointRouteBuilder api)
    {
        var usage = api.MapGroup("").WithTags("Usage");
        usage.MapGet("/accounts/{id:guid}/usage", ListOfAccountAsync)
            .Describe("listAccountUsage", Scopes.UsageRead, "List the calls of an account", "Newest first; each admitted call once, within two seconds of its end. With a filter and without `from`, the 31 days before `to` or now.")
            .Filters().GivesPage<UsageEntry>().Refuses(404);
        usage.MapGet("/usage", ListAllAsync)
            .Describe("listUsage", Scopes.UsageRead, "List calls of all accounts", "Newest first. With a filter and without `from`, the 31 days before `to` or now.")
            .Query("accountId", QueryType.Id, "Only calls of this account.")
            .Filters().GivesPage<UsageEntry>();
        usage.MapGet("/usage/{requestId:guid}", GetAsync)
            .Describe("getUsage", Scopes.UsageRead, "Show a call", "By the `x-request-id` of its answer.")
            .Gives<UsageEntry>().Refuses(404);
        usage.MapGet("/usage/summary", SumAsync)
            .Describe("sumUsage", Scopes.UsageRead, "Sum calls up", "By day (in the billing time zone), model, key or account; in the order of the groups.")
            .Query<UsageGroup>("groupBy", "What to sum by.", isRequired: true)
            .Query("accountId", QueryType.Id, "Only calls of this account.")
            .Query("keyId", QueryType.Id, "Only calls of this key.")
            .Query("model", QueryType.Text, "Only calls of this model: `provider:modelId`.")
            .QueryPeriod("the call's start")
            .GivesPage<UsageSum>();
    }

    private static RouteHandlerBuilder Filters(this RouteHandlerBuilder route) => route
        .QueryPeriod("the call's start")
        .Query("keyId", QueryType.Id, "Only calls of this key.")
        .Query("model", QueryType.Text, "Only calls of this model: `provider:modelId`.")
        .Query("provider", QueryType.Text, "Only calls of this provider.")
        .Query<CallStatus>("status", "Only calls that ended so.")
        .Query("errorCode", QueryType.Text, "Only calls with this error.")
        .Query("uncollected", QueryType.Flag, "Only calls that were charged less than they cost.");

    private static Task<IResult> ListOfAccountAsync(HttpContext context, Guid id, UsageReport report) =>
        ListAsync(context, (filter, page) => report.ListAsync(id, filter, page, context.RequestAborted));

    private static Task<IResult> ListAllAsync(HttpContext context, UsageReport report) =>
        ListAsync(context, (filter, page) => report.ListAllAsync(filter, page, context.RequestAborted), takesAccount: true);

    private static async Task<IResult> ListAsync(
        HttpContext context, Func<UsageFilter, PageRequest, Task<Outcome<Page<UsageEntry>>>> list, bool takesAccount = false)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var filter = new UsageFilter(query.Period(), query.Id("keyId"), query.Text("model"))
        {
            AccountId = takesAccount ? query.Id("accountId") : null,
            Provider = query.Text("provider"),
            Status = query.WordOrNone<CallStatus>("status"),
            ErrorCode = query.Text("errorCode"),
            Uncollected = query.Flag("uncollected"),
        };
        if (query.Errors.Any)
        {
            filter.Period.Check(query.Errors);
            return Problem.Of(context, Refusal.Invalid(query.Errors));
        }

        return Answer.Of(context, await list(filter, page));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid requestId, UsageReport report) =>
        Answer.Of(context, await report.GetAsync(requestId, context.RequestAborted));

    private static async Task<IResult> SumAsync(HttpContext context, UsageSummary summary)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var group = query.Word<UsageGroup>("groupBy");
        var period = query.Period();
        var filter = new UsageSumFilter(query.Id("accountId"), query.Id("keyId"), query.Text("model"));
        if (query.Errors.Any)
        {
            period.Check(query.Errors);
            return Problem.Of(context, Refusal.Invalid(query.Errors));
        }

        return Answer.Of(context, await summary.SumAsync(group, period, page, context.RequestAborted, filter));
    }
}
