using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace MixGateway.Benchmarks.Load;

/// <summary>Makes the account that pays for the load, as an administrator would.</summary>
internal static class GatewayAccount
{
    /// <summary>An account with credit for any load, and a key of it.</summary>
    /// <returns>The key.</returns>
    public static async Task<string> CreateAsync(Uri gateway, string adminToken)
    {
        using var client = new HttpClient { BaseAddress = gateway };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", adminToken);
        var account = await PostAsync(client, "/api/v1/accounts", new { name = "Load" });
        var id = account.GetProperty("id").GetGuid();
        await PostAsync(client, $"/api/v1/accounts/{id}/credits", new { amount = "1000000", note = "load", idempotencyKey = "load" });
        var key = await PostAsync(client, $"/api/v1/accounts/{id}/keys", new { name = "load" });
        return key.GetProperty("key").GetString()!;
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync<JsonElement>()
            : throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }
}
