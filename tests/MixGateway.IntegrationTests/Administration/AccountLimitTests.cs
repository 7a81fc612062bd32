using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Administration;

public sealed class AccountLimitTests
{
    [Theory]
    [InlineData(GatewayStores.Embedded)]
    [InlineData(GatewayStores.Servers)]
    public async Task Limits_SetChangedAndCleared_AreShownAsTheyAre(GatewayStores stores)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync(set.Settings);
        var created = await gateway.PostAsync("/api/v1/accounts", new { name = "limited", requestsPerMinute = 60, spendLimit = new { amount = "12.50", period = "month" } });
        Limits(created).Should().Be("""60 null null {"amount":"12.5","period":"month"}""");
        var path = $"/api/v1/accounts/{created.GetProperty("id").GetGuid()}";

        var changed = await PatchAsync(gateway, path, """{"tokensPerMinute":1000,"maxConcurrent":3,"requestsPerMinute":null}""");
        Limits(changed).Should().Be("""null 1000 3 {"amount":"12.5","period":"month"}""");

        Limits(await PatchAsync(gateway, path, """{"name":"renamed"}""")).Should().Be(Limits(changed), "what an edit does not name stays");
        await PatchAsync(gateway, path, """{"tokensPerMinute":null,"maxConcurrent":null,"spendLimit":null}""");
        Limits(await gateway.GetAsync(path)).Should().Be("null null null null");
    }

    [Theory]
    [InlineData("""{"requestsPerMinute":0}""", "requestsPerMinute")]
    [InlineData("""{"tokensPerMinute":1.5}""", "tokensPerMinute")]
    [InlineData("""{"maxConcurrent":1000000001}""", "maxConcurrent")]
    [InlineData("""{"spendLimit":{"amount":"0","period":"day"}}""", "spendLimit.amount")]
    [InlineData("""{"spendLimit":{"amount":"1","period":"week"}}""", "spendLimit.period")]
    public async Task Limits_OutOfRange_AreRefusedByName(string body, string field)
    {
        await using var gateway = await TestGateway.StartAsync();
        var account = await gateway.CreateAccountAsync("0");
        using var response = await gateway.Admin.PatchAsync($"/api/v1/accounts/{account.Id}", Json(body));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Should().Equal(field);
    }

    private static string Limits(JsonElement account) =>
        string.Join(' ', new[] { "requestsPerMinute", "tokensPerMinute", "maxConcurrent", "spendLimit" }.Select(name => account.GetProperty(name).GetRawText()));

    private static async Task<JsonElement> PatchAsync(TestGateway gateway, string path, string body)
    {
        using var response = await gateway.Admin.PatchAsync(path, Json(body));
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
