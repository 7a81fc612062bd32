using System.Collections.Concurrent;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>Callers who call one after the other until their gateway is gone, and note which answers they saw end.</summary>
internal sealed class CrashCallers(IReadOnlyList<CrashAccount> accounts)
{
    private readonly ConcurrentQueue<EndedAnswer> _ended = new();
    private int _cutOff;
    private int _refused;

    public IReadOnlyCollection<EndedAnswer> Ended => _ended;

    /// <summary>Calls that were running when their gateway died.</summary>
    public int CutOff => _cutOff;

    /// <summary>Calls that were refused, or whose end was, because a store was too slow for a moment: nothing ended, so nothing has to be on the books.</summary>
    public int Refused => _refused;

    /// <summary>Runs so many callers; ends when the gateway does not answer any more.</summary>
    public Task RunAsync(Uri address, int callers, Random random) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(index => CallAsync(address, accounts[index % accounts.Count], new Random(random.Next()))).ToArray());

    private async Task CallAsync(Uri address, CrashAccount account, Random random)
    {
        using var client = GatewayProcess.Client(address, account.Key);

        // Each has a patience of its own, so that they do not come back all at once.
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(1, 50)));
        while (true)
        {
            var seen = await CrashClient.CallAsync(client, account.Id, CrashCall.Next(random));
            switch (seen.Sight)
            {
                case Sight.Ended:
                    _ended.Enqueue(new EndedAnswer(account.Id, seen.RequestId!, seen.Call));
                    break;
                case Sight.Refused:
                    Interlocked.Increment(ref _refused);
                    await again.WaitForNextTickAsync();
                    break;
                default:
                    Interlocked.Increment(ref _cutOff);
                    return;
            }
        }
    }
}

internal sealed record CrashAccount(Guid Id, string Key);
