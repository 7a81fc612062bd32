using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Garnet;
using Microsoft.Extensions.Logging.Abstractions;

namespace MixGateway.Quotas;

/// <summary>
/// Redis's protocol in this process: Garnet on a loopback port of its own with a password that nobody else knows.
/// It keeps nothing on disk, so it always is volatile; what must not be lost is in the database.
/// </summary>
internal sealed class EmbeddedGarnet : IDisposable
{
    private const int PortAttempts = 5;
    private const int Part = 8;
    private const int LeastMemory = 32;
    private const int MostByDefault = 256;

    private readonly GarnetServer _server;

    private EmbeddedGarnet(GarnetServer server, int port, string password, long memory)
    {
        _server = server;
        ConnectionString = $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)},password={password}";
        Memory = memory;
    }

    /// <summary>For StackExchange.Redis; holds the password.</summary>
    public string ConnectionString { get; }

    /// <summary>
    /// Bytes that records may take. Beyond it the server drops its oldest records without an error, so admission closes before.
    /// </summary>
    public long Memory { get; }

    /// <summary>The memory of a store where none is set, in mebibytes.</summary>
    /// <param name="available">Bytes that the heap may use: the store lives in it.</param>
    public static int DefaultMemory(long available) => (int)Math.Clamp((available >> 20) / Part, LeastMemory, MostByDefault);

    /// <summary>Starts a server; takes about half a second.</summary>
    /// <param name="memory">Mebibytes.</param>
    public static EmbeddedGarnet Start(int memory)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
            // Its own console log breaks the format of ours; what goes wrong shows as a store that does not answer.
            var server = new GarnetServer(Arguments(port, password, memory), NullLoggerFactory.Instance);
            try
            {
                server.Start();
                return new EmbeddedGarnet(server, port, password, (long)memory << 20);
            }
            catch (SocketException) when (attempt < PortAttempts)
            {
                // Somebody took the port between the look and the start.
                server.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    /// <summary>
    /// Scripts are atomic only with Lua's transaction mode; without it two of them may interleave.
    /// Pages are small so that the store closes to its limit in small steps.
    /// </summary>
    private static string[] Arguments(int port, string password, int memory) =>
    [
        "--bind", "127.0.0.1",
        "--port", port.ToString(CultureInfo.InvariantCulture),
        "--auth", "Password",
        "--password", password,
        "--lua",
        "--lua-transaction-mode", "true",
        "--memory", string.Create(CultureInfo.InvariantCulture, $"{memory}m"),
        "--page", "1m",
        "--index", "8m",
        "--no-pubsub",
        "-q",
    ];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
