using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using MixGateway.Authentication;
using MixGateway.Diagnostics;

namespace MixGateway.Administration;

/// <summary>Counts wrong tokens of the management API per address. An address with too many of them within a minute has to wait for the minute's end.</summary>
internal sealed class WrongTokens(IOptions<ManagementOptions> options, TimeProvider time)
{
    /// <summary>Addresses that are counted at a time, about 2 MB. A flood from more of them is bounded by what is remembered of each token.</summary>
    public const int Capacity = 10_000;

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly int _most = options.Value.WrongTokensPerMinute;
    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>How long the address has to wait; null if it may try.</summary>
    public TimeSpan? WaitOf(IPAddress? address) =>
        _windows.TryGetValue(AddressNetwork.Of(address), out var window) && window.Count >= _most && Left(window) is var left && left > TimeSpan.Zero ? left : null;

    /// <returns>True if this was the one with which the address begins to wait.</returns>
    public bool Note(IPAddress? address)
    {
        var network = AddressNetwork.Of(address);
        if (_windows.Count >= Capacity)
        {
            Forget();
        }

        if (_windows.Count >= Capacity && !_windows.ContainsKey(network))
        {
            return false;
        }

        return _windows.AddOrUpdate(
            network,
            static (_, now) => new Window(now, 1),
            (_, window, now) => Left(window) > TimeSpan.Zero ? window with { Count = window.Count + 1 } : new Window(now, 1),
            time.GetTimestamp()).Count == _most;
    }

    private TimeSpan Left(Window window) => Period - time.GetElapsedTime(window.Since);

    private void Forget()
    {
        foreach (var (network, window) in _windows)
        {
            if (Left(window) <= TimeSpan.Zero)
            {
                _windows.TryRemove(network, out _);
            }
        }
    }

    private sealed record Window(long Since, int Count);
}
