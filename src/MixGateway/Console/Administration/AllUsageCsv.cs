using System.Globalization;
using MixGateway.Administration;
using MixGateway.Administration.Operators;
using MixGateway.Administration.Users;
using MixGateway.Billing;
using MixGateway.Console.Ui;

namespace MixGateway.Console.Administration;

/// <summary>Every call of every account as a file for a spreadsheet, written while it is read.</summary>
internal static class AllUsageCsv
{
    private static readonly string Head = Csv.Line(
        "started_at", "request_id", "account_id", "key_id", "provider", "model", "stream", "status", "prompt_tokens", "cached_tokens", "cache_write_tokens", "completion_tokens", "reasoning_tokens", "usage_source", "cost", "charged", "currency", "duration_ms", "first_token_ms", "http_status", "error_code", "attempts");

    public static void MapAllUsageCsv(this IEndpointRouteBuilder app) =>
        app.MapGet(AdminPaths.UsageCsv, SendAsync).RequireAuthorization(static policy => policy.RequireRole(SignedInUser.AdministratorRole));

    private static async Task SendAsync(
        HttpContext context, OperatorUsage usage, BillingCalendar calendar, int? days, string? from, string? to, string? account, string? model)
    {
        if (!SignedInUser.TryRead(context.User, out var me))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"all-usage.csv\"";
        await using var writer = new StreamWriter(context.Response.Body);
        await writer.WriteLineAsync(Head);
        var query = AllUsageQuery.Read(days, from, to, account, model);
        var filter = new UsageFilter(query.Period(calendar), null, query.Model) { AccountId = query.Account };
        await foreach (var entry in usage.AllAsync(me.Actor, filter, context.RequestAborted))
        {
            await writer.WriteLineAsync(Line(entry));
        }
    }

    private static string Line(UsageEntry entry) => Csv.Line(
        entry.StartedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), entry.RequestId, entry.AccountId, entry.KeyId, entry.Provider, entry.Model, Csv.Lower(entry.Stream), Csv.Lower(entry.Status), entry.PromptTokens, entry.CachedTokens, entry.CacheWriteTokens, entry.CompletionTokens, entry.ReasoningTokens, Csv.Lower(entry.UsageSource), entry.Cost, entry.Charged, entry.Currency, entry.DurationMs, entry.FirstTokenMs, entry.HttpStatus, entry.ErrorCode, entry.Attempts);
}
