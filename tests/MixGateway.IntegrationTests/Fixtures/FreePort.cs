using System.Net;
using System.Net.Sockets;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>
/// A port of loopback that nobody listens on, for servers and settings that have to name one. It is below those that the system gives to
/// outgoing connections: one of these might take it before the server has, or while the server is stopped.
/// </summary>
internal static class FreePort
{
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(15_000, 30_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}
