using System.Diagnostics;
using System.Net;

namespace MixGateway.Benchmarks.Load;

/// <summary>Calls one server with one load. Does as little as it can: it shares the processors with what it measures.</summary>
internal sealed class LoadGenerator : IDisposable
{
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(10);

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
    });

    private readonly Uri _uri;
    private readonly string _authorization;
    private readonly LoadKind _kind;
    private readonly byte[] _body;

    public LoadGenerator(Target target, LoadKind kind)
    {
        _uri = new Uri(target.Address, "/v1/chat/completions");
        _authorization = "Bearer " + target.Key;
        _kind = kind;
        _body = kind.Request(target.Provider);
    }

    /// <param name="streams">Of a paced load, how many each worker reads; other loads go by time.</param>
    public async Task<(WorkerTimes[] Workers, TimeSpan Elapsed)> RunAsync(TimeSpan duration, int streams)
    {
        var start = Stopwatch.GetTimestamp();
        var workers = new Task<WorkerTimes>[_kind.Concurrency];
        using var stagger = new PeriodicTimer(Stagger);
        for (var i = 0; i < workers.Length; i++)
        {
            if (_kind.Paced && i > 0)
            {
                await stagger.WaitForNextTickAsync();
            }

            workers[i] = Task.Run(() => WorkAsync(start, duration, streams));
        }

        var times = await Task.WhenAll(workers);
        return (times, Stopwatch.GetElapsedTime(start));
    }

    public void Dispose() => _client.Dispose();

    private async Task<WorkerTimes> WorkAsync(long start, TimeSpan duration, int streams)
    {
        var times = new WorkerTimes();
        var buffer = new byte[16 * 1024];
        while (_kind.Paced ? times.Whole.Count < streams : Stopwatch.GetElapsedTime(start) < duration)
        {
            await CallAsync(times, buffer);
        }

        return times;
    }

    private async ValueTask CallAsync(WorkerTimes times, byte[] buffer)
    {
        var sent = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, _uri) { Content = new ByteArrayContent(_body) };
        request.Headers.TryAddWithoutValidation("Authorization", _authorization);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        using var response = await _client.SendAsync(request, CancellationToken.None);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new InvalidOperationException($"{_uri} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        using var body = await response.Content.ReadAsStreamAsync();
        await ReadAsync(body, buffer, times, sent);
    }

    private async ValueTask ReadAsync(Stream body, byte[] buffer, WorkerTimes times, long sent)
    {
        long first = 0, before = 0, last = 0;
        var endMark = -1;
        while (await body.ReadAsync(buffer) is > 0 and var length)
        {
            before = last;
            last = Stopwatch.GetTimestamp();
            first = first == 0 ? last : first;
            endMark = buffer.AsSpan(0, length).LastIndexOf("data: [DONE]"u8);
        }

        if (first == 0 || (_kind.Stream && endMark < 0))
        {
            throw new InvalidOperationException($"{_uri} cut an answer short.");
        }

        times.Whole.Add(last - sent);
        times.FirstByte.Add(first - sent);

        // With a chunk before it in the same read, the end mark did not wait.
        times.End.Add(endMark == 0 ? last - before : 0);
    }
}
