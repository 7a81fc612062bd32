using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Races;

/// <summary>Many callers of one account who call at once, over all replicas, and what each was told.</summary>
internal sealed partial class Race(IReadOnlyList<HttpResponseMessage> admitted, IReadOnlyList<ApiError> refused) : IDisposable
{
    /// <summary>A stream that ends only when its caller leaves.</summary>
    public const string Endless = "x+chunks=3+stall=1:600000";

    private const int Tries = 100;

    /// <summary>Two sweeps, and a little.</summary>
    private static readonly TimeSpan UntilTakenBack = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan BetweenCallers = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    /// <summary>Calls that were let in; they run until this is disposed, if they are endless.</summary>
    public IReadOnlyList<HttpResponseMessage> Admitted => admitted;

    public IReadOnlyList<ApiError> Refused => refused;

    public static async Task<Race> RunAsync(Replicas replicas, TestAccount account, int callers, string script, bool stream, string members = "")
    {
        var busy = new StrongBox<int>();
        List<HttpResponseMessage> answers = [.. await Task.WhenAll(Enumerable.Range(0, callers).Select(i => CallAsync(replicas.Of(account, i), script, stream, members, busy)))];
        using var another = new PeriodicTimer(BetweenCallers);
        for (var clock = Stopwatch.StartNew(); busy.Value > 0 && clock.Elapsed < UntilTakenBack; await another.WaitForNextTickAsync())
        {
            answers.Add(await CallAsync(replicas.Of(account, answers.Count), script, stream, members, busy));
        }

        List<ApiError> refused = [];
        foreach (var answer in answers.Where(static answer => answer.StatusCode != HttpStatusCode.OK))
        {
            refused.Add(await ApiError.ReadAsync(answer));
            answer.Dispose();
        }

        return new Race([.. answers.Where(static answer => answer.StatusCode == HttpStatusCode.OK)], refused);
    }

    /// <summary>What one such call holds, in nano-units, as a caller is told who cannot pay for it.</summary>
    public static async Task<long> HoldOfAsync(Replicas replicas, string script, bool stream, string members)
    {
        var account = await replicas.First.CreateAccountAsync(credit: "0");
        using var refused = await account.ChatAsync(script, stream, members);
        var error = await refused.ShouldFailAsync(402, "insufficient_quota", "insufficient_quota");
        return (long)(decimal.Parse(MostItCosts().Match(error.Message).Groups[1].Value, CultureInfo.InvariantCulture) * 1_000_000_000m);
    }

    public void ShouldAllBeRefusedAs(int status, string code) => Refused.Should().OnlyContain(error => error.Status == status && error.Code == code);

    /// <summary>The callers leave.</summary>
    public void Dispose()
    {
        foreach (var answer in admitted)
        {
            answer.Dispose();
        }
    }

    /// <summary>
    /// On a machine too busy for the hot store's second, a call is answered with 503, and its caller asks again; what it may have taken
    /// is given back by the sweep, so those who were refused meanwhile ask again too.
    /// </summary>
    private static async Task<HttpResponseMessage> CallAsync(TestAccount account, string script, bool stream, string members, StrongBox<int> busy)
    {
        using var again = new PeriodicTimer(BetweenTries);
        for (var attempt = 1; ; attempt++)
        {
            var answer = await account.ChatAsync(script, stream, members);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == Tries)
            {
                return answer;
            }

            answer.Dispose();
            Interlocked.Increment(ref busy.Value);
            await again.WaitForNextTickAsync();
        }
    }

    [GeneratedRegex("may cost up to ([0-9.]+) USD")]
    private static partial Regex MostItCosts();
}
