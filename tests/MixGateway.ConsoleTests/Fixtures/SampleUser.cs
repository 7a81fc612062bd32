using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Storage;

namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>What there is to see for a person who has registered: a balance, a key, and calls with it.</summary>
internal sealed record SampleUser(Guid AccountId, Guid KeyId, string RequestId)
{
    /// <summary>Fills the account of a visitor who is signed in.</summary>
    public static async Task<SampleUser> FillAsync(TestGateway gateway, Visitor visitor)
    {
        var accountId = await CreditAsync(gateway, visitor);
        var key = await gateway.PostAsync($"/api/v1/accounts/{accountId}/keys", new { name = "Website", requestsPerMinute = 600, spendLimit = new { amount = "20", period = "month" }, models = new[] { "sim:*" } });
        using var caller = gateway.NewClient(key.GetProperty("key").GetString());
        var requestId = "";
        foreach (var model in new[] { "sim:fast", "sim:fast", "sim:large+chunks=20" })
        {
            using var answer = await caller.PostAsJsonAsync("/v1/chat/completions", new { model, stream = true, messages = new[] { new { role = "user", content = "Hello, how are you today?" } } });
            await answer.Content.ReadAsStringAsync();
            requestId = answer.Headers.GetValues("x-request-id").Single();
        }

        await Eventually.TrueAsync(async () => await gateway.FindUsageAsync(requestId) is not null, "the call is booked");
        return new SampleUser(accountId, key.GetProperty("id").GetGuid(), requestId);
    }

    /// <summary>Gives the account of a visitor who is signed in a balance.</summary>
    /// <returns>The account.</returns>
    public static async Task<Guid> CreditAsync(TestGateway gateway, Visitor visitor)
    {
        var accountId = await AccountOfAsync(gateway, visitor.Email);
        await gateway.PostAsync($"/api/v1/accounts/{accountId}/credits", new { amount = "25", note = "test", idempotencyKey = Guid.NewGuid().ToString() });
        return accountId;
    }

    /// <summary>Writes models into the fields of the playground, which has as many as are asked for.</summary>
    public static async Task ChooseAsync(Visitor visitor, params string[] models)
    {
        for (var i = 0; i < models.Length; i++)
        {
            if (i > 0)
            {
                await visitor.Page.Locator("#add-model").ClickAsync();
            }

            await visitor.Page.Locator($"#f-model-{i + 1}").FillAsync(models[i]);
        }
    }

    public static async Task<Guid> AccountOfAsync(TestGateway gateway, string email)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        return await (
            from user in database.Users
            join membership in database.Memberships on user.Id equals membership.UserId
            where user.Email == email
            select membership.AccountId).SingleAsync();
    }

    public static async Task<Guid> IdOfAsync(TestGateway gateway, string email)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        return await database.Users.Where(user => user.Email == email).Select(user => user.Id).SingleAsync();
    }

    /// <summary>A call that goes on until the answer is disposed of.</summary>
    public static async Task<HttpResponseMessage> StartCallAsync(TestGateway gateway, SampleUser sample)
    {
        var key = await gateway.PostAsync($"/api/v1/accounts/{sample.AccountId}/keys", new { name = "Running" });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "sim:sim+chunks=3+stall=1:3600000", stream = true, messages = new[] { new { role = "user", content = "Say hello" } } }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.GetProperty("key").GetString());
        return await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
