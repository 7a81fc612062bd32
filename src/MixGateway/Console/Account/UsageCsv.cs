using System.Globalization;
using MixGateway.Administration;
using MixGateway.Administration.SelfService;
using MixGateway.Administration.Users;
using MixGateway.Billing;
using MixGateway.Console.Ui;

namespace MixGateway.Console.Account;

/// <summary>Usage as a file for a spreadsheet, written while it is read: a year of calls needs no memory.</summary>
internal static class UsageCsv
{
    public const string Path = ConsolePaths.Root + "/usage.csv";

    private static readonly string Head = Csv.Line(
        "started_at", "request_id", "key_id", "model", "stream", "status", "prompt_tokens", "cached_tokens", "cache_write_tokens", "completion_tokens", "reasoning_tokens", "usage_source", "cost", "charged", "currency", "duration_ms", "first_token_ms", "http_status", "error_code", "attempts");

    public static void MapUsageCsv(this IEndpointRouteBuilder app) => app.MapGet(Path, SendAsync).RequireAuthorization();

    private static async Task SendAsync(HttpContext context, AccountUsage usage, BillingCalendar calendar, string? days, string? from, string? to, string? key, string? model, string? status)
    {
        if (!SignedInUser.TryRead(context.User, out var me) || me.Account is null)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"usage.csv\"";
        await using var writer = new StreamWriter(context.Response.Body);
        await writer.WriteLineAsync(Head);
        var filter = UsageQuery.Read(days, from, to, key, model, status).Filter(calendar);
        await foreach (var entry in usage.AllAsync(me.Actor, me.Account.Id, filter, context.RequestAborted))
        {
            await writer.WriteLineAsync(Line(entry));
        }
    }

    private static string Line(UsageEntry entry) => Csv.Line(
        entry.StartedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), entry.RequestId, entry.KeyId, entry.Model, Csv.Lower(entry.Stream), Csv.Lower(entry.Status), entry.PromptTokens, entry.CachedTokens, entry.CacheWriteTokens, entry.CompletionTokens, entry.ReasoningTokens, Csv.Lower(entry.UsageSource), entry.Cost, entry.Charged, entry.Currency, entry.DurationMs, entry.FirstTokenMs, entry.HttpStatus, entry.ErrorCode, entry.Attempts);
}
