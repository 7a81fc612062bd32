using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>All that the gateway has on its books for one account, read over the management API.</summary>
internal sealed record BooksOfAccount(decimal Balance, IReadOnlyList<JsonElement> Records, IReadOnlyList<JsonElement> Ledger)
{
    public static async Task<BooksOfAccount> ReadAsync(HttpClient admin, Guid account)
    {
        var state = await admin.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/accounts/{account}", UriKind.Relative));
        return new BooksOfAccount(
            Amount(state, "balance"),
            await ReadAllAsync(admin, $"/api/v1/accounts/{account}/usage"),
            await ReadAllAsync(admin, $"/api/v1/accounts/{account}/ledger"));
    }

    /// <summary>No call twice, every charge in the ledger once and nothing else there, and the balance is the ledger's sum.</summary>
    public void ShouldAddUp()
    {
        Records.Select(IdOf).Should().OnlyHaveUniqueItems("a call has one usage record");
        var charges = Ledger.Where(static entry => entry.GetProperty("kind").GetString() == "usage").ToArray();
        charges.Select(IdOf).Should().OnlyHaveUniqueItems("a call has one ledger entry");
        Ledger.Sum(static entry => Amount(entry, "amount")).Should().Be(Balance, "the balance is the sum of the ledger");
        var charged = Records.Where(static record => Amount(record, "charged") != 0).ToDictionary(IdOf, static record => -Amount(record, "charged"));
        charges.ToDictionary(IdOf, static entry => Amount(entry, "amount")).Should().BeEquivalentTo(charged);
    }

    public static decimal Amount(JsonElement element, string name) => decimal.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    public static string IdOf(JsonElement element) => element.GetProperty("requestId").GetString()!;

    private static async Task<IReadOnlyList<JsonElement>> ReadAllAsync(HttpClient admin, string path)
    {
        List<JsonElement> all = [];
        string? cursor = null;
        do
        {
            var page = await admin.GetFromJsonAsync<JsonElement>(new Uri($"{path}?limit=500{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", UriKind.Relative));
            all.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return all;
    }
}
