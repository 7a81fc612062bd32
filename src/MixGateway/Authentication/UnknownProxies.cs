using System.Net;
using IPNetwork = System.Net.IPNetwork;

namespace MixGateway.Authentication;

/// <summary>Tells the operator, once, of a proxy in front of the gateway that the settings do not name: everybody behind it has its address.</summary>
internal sealed partial class UnknownProxies(IReadOnlyList<IPNetwork> known, ILogger<UnknownProxies> logger)
{
    private const string Prefix = "X-Forwarded-Prefix";

    private static readonly string[] Marks = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"];

    private int _warned;
    private int _warnedOfPrefix;

    /// <summary>Belongs before what takes the headers away.</summary>
    public void Look(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (Volatile.Read(ref _warned) == 0 && context.Connection.RemoteIpAddress is { } address && IsForwarded(headers) && !IsKnown(address)
            && Interlocked.Exchange(ref _warned, 1) == 0)
        {
            Log.Unknown(logger, address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        }

        if (Volatile.Read(ref _warnedOfPrefix) == 0 && headers.TryGetValue(Prefix, out var prefix) && prefix.ToString().Trim('/', ' ').Length > 0
            && Interlocked.Exchange(ref _warnedOfPrefix, 1) == 0)
        {
            Log.HasPrefix(logger);
        }
    }

    /// <summary>Asked for each request: nothing is allocated.</summary>
    private static bool IsForwarded(IHeaderDictionary headers)
    {
        foreach (var mark in Marks)
        {
            if (headers.ContainsKey(mark))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsKnown(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return known.Any(network => network.Contains(plain));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A request from {Address} has forwarded headers, and {Address} is not in ForwardedHeaders:KnownProxies. The headers are ignored: all callers behind this proxy count as one address, and the console takes its scheme from Console:PublicUrl alone. If it is your proxy, add its address", EventName = "UnknownProxy")]
        public static partial void Unknown(ILogger logger, IPAddress address);

        [LoggerMessage(2, LogLevel.Warning, "A proxy sends X-Forwarded-Prefix. /v1 works below a path if the proxy removes it; the console does not. Give the console a host of its own (docs/networks.md)", EventName = "PathPrefix")]
        public static partial void HasPrefix(ILogger logger);
    }
}
