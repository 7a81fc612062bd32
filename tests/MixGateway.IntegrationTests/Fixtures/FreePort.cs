using System.Net;
using System.Net.Sockets;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A port of loopback that nobody listens on, for settings that have to name one.</summary>
internal static class FreePort
{
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
