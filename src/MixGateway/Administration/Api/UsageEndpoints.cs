namespace MixGateway.Administration.Api;

internal static class UsageEndpoints
{
    public static void MapUsage(this IEndpointRouteBuilder api)
    {
        api.MapGet("/accounts/{id:guid}/usage", ListAsync);
        api.MapGet("/usage/{requestId:guid}", GetAsync);
        api.MapGet("/usage/summary", SumAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, Guid id, UsageReport report)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var filter = new UsageFilter(query.Period(), query.Id("keyId"), query.Text("model"));
        if (query.Errors.Any)
        {
            filter.Period.Check(query.Errors);
            return Problem.Of(context, Refusal.Invalid(query.Errors));
        }

        return Answer.Of(context, await report.ListAsync(id, filter, page, context.RequestAborted));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid requestId, UsageReport report) =>
        Answer.Of(context, await report.GetAsync(requestId, context.RequestAborted));

    private static async Task<IResult> SumAsync(HttpContext context, UsageSummary summary)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var group = query.Word<UsageGroup>("groupBy");
        var period = query.Period();
        if (query.Errors.Any)
        {
            period.Check(query.Errors);
            return Problem.Of(context, Refusal.Invalid(query.Errors));
        }

        return Answer.Of(context, await summary.SumAsync(group, period, page, context.RequestAborted));
    }
}
