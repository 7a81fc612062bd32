using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Crash;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Races;

/// <summary>Looks at an account again and again, in the hot store and over every replica's management API, until it is stopped.</summary>
internal sealed class BalanceWatch
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task<List<string>>[] _watching;
    private int _looks;

    public BalanceWatch(Replicas replicas, TestAccount account) =>
        _watching = [WatchAsync(() => LookIntoStoreAsync(replicas.First, account)), .. replicas.Gateways.Select(gateway => WatchAsync(() => LookOverApiAsync(account with { Gateway = gateway })))];

    /// <summary>Fails if the account was ever seen below zero, or its counters apart from its calls.</summary>
    public async Task ShouldHaveSeenNothingWrongAsync()
    {
        await _stop.CancelAsync();
        var wrong = await Task.WhenAll(_watching);
        _stop.Dispose();
        wrong.SelectMany(static seen => seen).Should().BeEmpty();
        _looks.Should().BeGreaterThan(_watching.Length * 3, "who does not look sees nothing");
    }

    private static async Task<string?> LookIntoStoreAsync(TestGateway gateway, TestAccount account)
    {
        var (answer, seen) = await gateway.Services.GetRequiredService<AccountStore>().SnapshotAsync(account.Id);
        if (answer is not CallAnswer.Ok || seen is null)
        {
            return null;
        }

        var available = seen.Base.Nanos - seen.Pending.Nanos - seen.Held.Nanos;
        var isRight = available >= 0 && seen.Base >= Money.Zero && (seen.Pending, seen.Held, seen.Running) == (seen.CallsPending, seen.CallsHeld, seen.CallsRunning);
        return isRight ? null : seen.ToString();
    }

    private static async Task<string?> LookOverApiAsync(TestAccount account)
    {
        JsonElement seen;
        using (var response = await account.Gateway.Admin.GetAsync(new Uri($"/api/v1/accounts/{account.Id}", UriKind.Relative)))
        {
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            seen = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        }

        return BooksOfAccount.Amount(seen, "balance") >= 0 && BooksOfAccount.Amount(seen, "available") >= 0 && BooksOfAccount.Amount(seen, "held") >= 0 ? null : seen.ToString();
    }

    private async Task<List<string>> WatchAsync(Func<Task<string?>> look)
    {
        List<string> wrong = [];
        using var timer = new PeriodicTimer(Period);
        while (!_stop.IsCancellationRequested)
        {
            if (await look() is { } seen)
            {
                wrong.Add(seen);
            }

            Interlocked.Increment(ref _looks);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return wrong;
    }
}
