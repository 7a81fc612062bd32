using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>A gateway as a process that may use little memory, with its stores in the process and a simulator outside.</summary>
internal sealed class CagedGateway : IAsyncDisposable
{
    /// <summary>What the status of an answer that broke off begins with.</summary>
    public const string CutOff = "cut off";

    private readonly MemoryCage _cage;
    private readonly GatewayProcess _process;
    private readonly string _data;
    private readonly SimulatorServer _upstream;
    private readonly HttpClient _admin;

    private CagedGateway(MemoryCage cage, GatewayProcess process, string data, SimulatorServer upstream, Uri address)
    {
        _cage = cage;
        _process = process;
        _data = data;
        _upstream = upstream;
        Address = address;
        _admin = GatewayProcess.Client(address, TestGateway.AdminToken);
    }

    public Uri Address { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Bytes that it may use.</summary>
    public long Limit => _cage.Bytes;

    public string Output => _process.Output;

    /// <summary>Bytes in memory that no file backs, now.</summary>
    public long Resident => _process.Status("RssAnon");

    public static async Task<CagedGateway> StartAsync(int mebibytes)
    {
        var cage = MemoryCage.Create(mebibytes);
        var upstream = await SimulatorServer.StartAsync();
        var data = Directory.CreateTempSubdirectory("mixgateway-caged-").FullName;
        var environment = new Dictionary<string, string>(cage.Environment) { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" };
        var process = GatewayProcess.StartFrom(
            GatewayProcess.Folder,
            userId: null,
            environment,
            cage.Door,
            [
                $"--Data:Path={data}",
                $"--Bootstrap:AdminToken={TestGateway.AdminToken}",
                $"--Providers:sim:BaseUrl={upstream.BaseAddress}",
                "--Providers:sim:ApiKey=upstream-secret-0123456789",
                "--Providers:sim:Models:*:InputPrice=1",
                "--Providers:sim:Models:*:OutputPrice=2",
            ]);
        return new CagedGateway(cage, process, data, upstream, await process.AddressAsync());
    }

    /// <summary>A client of an account with credit.</summary>
    public async Task<HttpClient> AccountAsync()
    {
        var id = (await PostAsync("accounts", new { name = "Caged" })).GetProperty("id").GetString();
        await PostAsync($"accounts/{id}/credits", new { amount = "1000", note = "test", idempotencyKey = id });
        return GatewayProcess.Client(Address, (await PostAsync($"accounts/{id}/keys", new { name = "key" })).GetProperty("key").GetString()!);
    }

    /// <summary>Sends so many calls at once and reads each answer to its end.</summary>
    /// <returns>The statuses, and of refusals the code after it.</returns>
    public static async Task<IReadOnlyList<string>> CallAsync(HttpClient client, int calls, byte[] body) =>
        await Task.WhenAll(Enumerable.Range(0, calls).Select(_ => CallAsync(client, body)));

    public static byte[] Prompt(string script, int bytes, bool stream = false) =>
        Encoding.UTF8.GetBytes(Calls.ChatBody(script, stream, $",\"max_tokens\":100,\"user\":\"{new string('x', bytes)}\""));

    /// <summary>A figure of its metrics, over all labels.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var text = await _admin.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return text.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && !line.StartsWith('#'))
            .Sum(static line => double.Parse(line[(line.LastIndexOf('}') < 0 ? line.IndexOf(' ', StringComparison.Ordinal) : line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _process.DisposeAsync();
        await _upstream.DisposeAsync();
        Directory.Delete(_data, recursive: true);
        _cage.Dispose();
    }

    private static async Task<string> CallAsync(HttpClient client, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        HttpResponseMessage response;
        try
        {
            response = await client.PostAsync(new Uri(Calls.ChatPath, UriKind.Relative), content);
        }
        catch (HttpRequestException e)
        {
            return $"{CutOff}: {e.GetBaseException().Message}";
        }

        using var _ = response;
        var text = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return "200";
        }

        return $"{(int)response.StatusCode} {JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("code").GetString()}";
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await _admin.PostAsJsonAsync(new Uri($"/api/v1/{path}", UriKind.Relative), body);
        response.IsSuccessStatusCode.Should().BeTrue("{0}", await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
