using System.Net;
using Microsoft.Data.Sqlite;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>The end of an answer waits for its record; what happens when the database does not take it.</summary>
public sealed class EndOfAnswerTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartAsync("Quotas:SettleTimeout=00:00:00.3");

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Answer_ThatCannotBeRecorded_DoesNotEndAndIsBookedOnceLater()
    {
        var account = await _gateway.CreateAccountAsync();
        string[] ids;
        await using (await LockDatabaseAsync())
        {
            using var stream = await account.ChatAsync("sim+chunks=3", stream: true);
            using var json = await account.ChatAsync("sim+chunks=3");
            using var longJson = await account.ChatAsync("sim+chunks=3+big=3000000");
            var text = await stream.Content.ReadAsStringAsync();

            text.Should().NotContain("[DONE]");
            Calls.Events(text).Should().HaveCount(5, "the content and the finish_reason are there, and then the error");
            ApiError.ReadEvent(Calls.Events(text)[^1], stream).Should().BeEquivalentTo(new { Type = "server_error", Code = "service_unavailable" });
            await json.ShouldFailAsync(503, "server_error", "service_unavailable");
            json.Headers.RetryAfter!.Delta.Should().BePositive();
            await longJson.Content.Invoking(content => content.ReadAsByteArrayAsync()).Should().ThrowAsync<HttpRequestException>();
            (await account.UsageAsync()).Should().BeEmpty();
            ids = [stream.RequestId(), json.RequestId(), longJson.RequestId()];
        }

        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count == 3, "the records");
        (await account.UsageAsync()).Select(CallRecord.Of).Select(record => record.RequestId).Should().BeEquivalentTo(ids);
        await account.ShouldAddUpAsync();
    }

    [Fact]
    public async Task Database_LostWhileRunning_ClosesAdmissionUntilItIsBack()
    {
        var account = await _gateway.CreateAccountAsync();
        await using (await LockDatabaseAsync())
        {
            using var unrecorded = await account.ChatAsync("sim");
            unrecorded.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            await ReadyAsync(HttpStatusCode.ServiceUnavailable);
            var calls = _gateway.Upstream.State.Calls;

            using var refused = await account.ChatAsync("sim");

            await refused.ShouldFailAsync(503, "server_error", "service_unavailable");
            refused.Headers.RetryAfter!.Delta.Should().BePositive();
            _gateway.Upstream.State.Calls.Should().Be(calls, "a call that cannot be recorded is not made");
        }

        await ReadyAsync(HttpStatusCode.OK);
        using var response = await account.ChatAsync("sim");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await account.UsageAsync(2)).Should().HaveCount(2);
        await account.ShouldAddUpAsync();
    }

    private Task ReadyAsync(HttpStatusCode status) => Eventually.TrueAsync(
        async () =>
        {
            using var response = await _gateway.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return response.StatusCode == status;
        },
        $"readiness {status}");

    /// <summary>Until it is disposed nobody else can write.</summary>
    private async Task<SqliteConnection> LockDatabaseAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_gateway.DataPath, "mixgateway.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
