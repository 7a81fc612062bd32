using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>
/// Finds out why a store cannot be used, step by step: name, port, TLS, the protocol, the user. The client that the gateway works with only
/// says that it could not connect.
/// </summary>
internal sealed class HotStoreTrial(ConfigurationOptions configured)
{
    /// <returns>Why the store cannot be used; null if nothing stands in the way.</returns>
    public async Task<string?> RunAsync()
    {
        string? why = null;
        foreach (var endPoint in configured.EndPoints)
        {
            if ((why = await ReachAsync(endPoint).ConfigureAwait(false)) is null)
            {
                return await EnterAsync().ConfigureAwait(false);
            }
        }

        return why;
    }

    private async Task<string?> ReachAsync(EndPoint endPoint)
    {
        using var patience = new CancellationTokenSource(configured.ConnectTimeout);
        var isConnected = false;
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(endPoint, patience.Token).ConfigureAwait(false);
            isConnected = true;
            await using var plain = new NetworkStream(socket, ownsSocket: false);
            if (!configured.Ssl)
            {
                return await SpeaksAsync(plain, patience.Token).ConfigureAwait(false) ? null : HotStoreFault.NoRedis(isTls: false);
            }

            await using var secure = new SslStream(plain);
            var asClient = configured.SslClientAuthenticationOptions?.Invoke(HostOf(endPoint)) ?? new SslClientAuthenticationOptions { TargetHost = configured.SslHost ?? HostOf(endPoint) };
            await secure.AuthenticateAsClientAsync(asClient, patience.Token).ConfigureAwait(false);
            return await SpeaksAsync(secure, patience.Token).ConfigureAwait(false) ? null : HotStoreFault.NoRedis(isTls: true);
        }
        catch (OperationCanceledException)
        {
            return !isConnected ? HotStoreFault.NoWay : configured.Ssl ? HotStoreFault.NoRedis(isTls: true) : HotStoreFault.NoAnswer;
        }
        catch (IOException) when (configured.Ssl)
        {
            return HotStoreFault.NoRedis(isTls: true);
        }
        catch (Exception e) when (e is SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            return HotStoreFault.Describe(e);
        }
    }

    /// <summary>Redis answers a line that it knows and one that it refuses with a word behind a plus or a minus.</summary>
    private static async Task<bool> SpeaksAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes("PING\r\n"), cancellationToken).ConfigureAwait(false);
        var first = new byte[1];
        return await stream.ReadAsync(first, cancellationToken).ConfigureAwait(false) == 1 && first[0] is (byte)'+' or (byte)'-';
    }

    private async Task<string?> EnterAsync()
    {
        var trial = configured.Clone();
        trial.AbortOnConnectFail = true;
        trial.ConnectRetry = 1;
        trial.IncludeDetailInExceptions = false;
        try
        {
            await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(trial).ConfigureAwait(false);
            return HotStorePrimaries.Of(multiplexer).Count > 0 ? null : HotStoreFault.OnlyCopies;
        }
        catch (RedisConnectionException e) when (e is { FailureType: ConnectionFailureType.UnableToConnect, InnerException: null })
        {
            return HotStoreFault.NotSetUp;
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            return HotStoreFault.Describe(e);
        }
    }

    private static string HostOf(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint dns => dns.Host,
        IPEndPoint ip => ip.Address.ToString(),
        _ => "",
    };
}
