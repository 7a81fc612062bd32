using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;
using OpenAI;

namespace MixGateway.IntegrationTests.Sdk;

/// <summary>A gateway with an account, and the official .NET SDK pointed at it with nothing changed but address and key.</summary>
public abstract class SdkGateway : IAsyncLifetime
{
    /// <summary>Configured by name, so that it is listed; every other model of the provider is reached by the wildcard.</summary>
    public const string ListedModel = "sim:sim-small";

    private TestGateway? _gateway;
    private TestAccount? _account;

    internal TestGateway Gateway => _gateway!;

    internal TestAccount Account => _account!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync(
        [
            "Providers:sim:Models:sim-small:InputPrice=1",
            "Providers:sim:Models:sim-small:OutputPrice=2",
            "Providers:sim:Models:sim-small:ContextLength=8192",
            .. await SettingsAsync(),
        ]);
        _account = await _gateway.CreateAccountAsync();
    }

    public async Task DisposeAsync() => await Gateway.DisposeAsync();

    /// <summary>A client as its documentation makes one.</summary>
    /// <param name="calls">Hears of every request that the SDK sends, repeated ones too.</param>
    internal OpenAIClient Client(CallLog? calls = null, string? key = null, ClientRetryPolicy? retries = null)
    {
        var options = new OpenAIClientOptions { Endpoint = new Uri(Gateway.Address, "v1") };
        if (calls is not null)
        {
            options.AddPolicy(calls, PipelinePosition.PerTry);
        }

        if (retries is not null)
        {
            options.RetryPolicy = retries;
        }

        return new OpenAIClient(new ApiKeyCredential(key ?? Account.Key), options);
    }

    /// <summary>The record of the only call in a log. It is there already: an answer that has ended is on the books.</summary>
    internal async Task<JsonElement> RecordAsync(CallLog calls)
    {
        var id = calls.Calls.Should().ContainSingle().Subject.RequestId;
        var record = await Gateway.FindUsageAsync(id);
        record.Should().NotBeNull("the answer of {0} has ended", id);
        return record!.Value;
    }

    /// <summary>The record of a call that did not end; it is written after the caller has left.</summary>
    internal async Task<JsonElement> AwaitRecordAsync(CallLog calls)
    {
        var id = calls.Calls.Should().ContainSingle().Subject.RequestId;
        JsonElement? record = null;
        await Eventually.TrueAsync(async () => (record = await Gateway.FindUsageAsync(id)) is not null, $"a record of {id}", TimeSpan.FromSeconds(10));
        return record!.Value;
    }

    private protected abstract Task<string[]> SettingsAsync();
}

/// <summary>On the embedded database.</summary>
public sealed class SqliteSdkGateway : SdkGateway
{
    private protected override Task<string[]> SettingsAsync() => Task.FromResult<string[]>([]);
}

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresSdkGateway : SdkGateway
{
    private protected override async Task<string[]> SettingsAsync() => [$"ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}"];
}
