using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>An answer of the management API, with its body as JSON.</summary>
public sealed record ManagementAnswer(HttpStatusCode Status, string? MediaType, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Text)
{
    public JsonElement Body { get; } = Text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(Text);

    public string Id => Body.GetProperty("id").GetString()!;

    /// <summary>The fields that a problem names.</summary>
    public IEnumerable<string> ErrorFields => Body.GetProperty("errors").EnumerateObject().Select(error => error.Name);

    public string? this[string member] => Body.GetProperty(member) is { ValueKind: JsonValueKind.String } text ? text.GetString() : Body.GetProperty(member).GetRawText();
}

/// <summary>Speaks to the management API as a script would.</summary>
public sealed class ManagementClient : IDisposable
{
    private readonly HttpClient _http;

    public ManagementClient(Uri address, string? token)
    {
        _http = new HttpClient { BaseAddress = address };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Task<ManagementAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<ManagementAnswer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, Json(body));

    public Task<ManagementAnswer> PatchAsync(string path, string body) => SendAsync(HttpMethod.Patch, path, Json(body));

    public Task<ManagementAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public async Task<ManagementAnswer> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, "/api/v1" + path) { Content = content };
        using var response = await _http.SendAsync(request);
        return new ManagementAnswer(
            response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync());
    }

    public async Task<string> CreateAccountAsync(string name = "Account") => (await PostAsync("/accounts", JsonSerializer.Serialize(new { name }))).Id;

    /// <summary>Every item of a list, page by page.</summary>
    public async Task<List<JsonElement>> WalkAsync(string path, int limit)
    {
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var answer = await GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}");
            var page = answer.Body.GetProperty("data").EnumerateArray().ToList();
            page.Count.Should().BeLessThanOrEqualTo(limit);
            items.AddRange(page);
            cursor = answer.Body.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return items;
    }

    public void Dispose() => _http.Dispose();

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
