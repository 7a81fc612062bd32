using System.Buffers.Binary;
using System.Net.Sockets;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>Types and flags of frames, RFC 9113 §6.</summary>
internal static class Http2Frame
{
    public const int HeaderLength = 9;
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte EndStream = 1;
    public const byte Ack = 1;
    public const byte EndHeaders = 4;
    public const short MaxConcurrentStreams = 3;
    public const short InitialWindow = 4;

    public static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Setting(short id, int value) => [(byte)(id >> 8), (byte)id, .. Number(value)];
}

/// <summary>One connection of a client to a <see cref="Http2Provider"/>.</summary>
/// <param name="number">From 1, in the order in which they were accepted.</param>
internal sealed class Http2ProviderConnection(Http2Provider provider, Http2ProviderOptions options, Socket socket, Stream stream, int number)
{
    private const int PrefaceLength = 24;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly Dictionary<int, Http2Exchange> _receiving = [];
    private volatile bool _silent;
    private int _highest;

    public int Number { get; } = number;

    /// <summary>Nothing more is read, written or acknowledged, while the connection stays open: as if a firewall had forgotten it.</summary>
    public void FallSilent() => _silent = true;

    /// <summary>Says that it takes no more requests.</summary>
    /// <param name="lastStreamId">Requests with a higher id were not processed; null for the highest that came.</param>
    public Task GoAwayAsync(int? lastStreamId = null) => WriteAsync(Http2Frame.GoAway, 0, 0, [.. Http2Frame.Number(lastStreamId ?? _highest), .. Http2Frame.Number(0)]);

    /// <summary>Closes after what was written.</summary>
    public void Close() => socket.Shutdown(SocketShutdown.Both);

    /// <summary>Resets the TCP connection.</summary>
    public void Break()
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
        }
        catch (ObjectDisposedException)
        {
            // It was broken before, or the client closed it.
        }
    }

    public async Task RunAsync()
    {
        await stream.ReadExactlyAsync(new byte[PrefaceLength]);
        await WriteAsync(
            Http2Frame.Settings,
            0,
            0,
            [.. Http2Frame.Setting(Http2Frame.MaxConcurrentStreams, options.MaxConcurrentStreams), .. Http2Frame.Setting(Http2Frame.InitialWindow, options.InitialWindow)]);
        var header = new byte[Http2Frame.HeaderLength];
        while (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
            await stream.ReadExactlyAsync(payload);
            if (!_silent)
            {
                await TakeAsync(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload);
            }
        }
    }

    public async Task WriteAsync(byte type, byte flags, int streamId, byte[] payload)
    {
        if (_silent)
        {
            return;
        }

        byte[] frame = [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, .. Http2Frame.Number(streamId), .. payload];
        await _writing.WaitAsync();
        try
        {
            await stream.WriteAsync(frame);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client is gone.
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task TakeAsync(byte type, byte flags, int streamId, byte[] payload)
    {
        switch (type)
        {
            case Http2Frame.Settings when (flags & Http2Frame.Ack) == 0:
                await WriteAsync(Http2Frame.Settings, Http2Frame.Ack, 0, []);
                break;
            case Http2Frame.Ping when (flags & Http2Frame.Ack) == 0:
                await WriteAsync(Http2Frame.Ping, Http2Frame.Ack, 0, payload);
                break;
            case Http2Frame.Headers:
                _highest = Math.Max(_highest, streamId);
                var exchange = new Http2Exchange(this, provider.Begin(), streamId);
                _receiving[streamId] = exchange;
                if (options.AnswersEarly)
                {
                    _ = provider.AnswerAsync(exchange);
                }

                break;
            case Http2Frame.Data when _receiving.TryGetValue(streamId, out var receiving):
                await receiving.Received.WriteAsync(payload);
                await OpenWindowAsync(streamId, payload.Length, (flags & Http2Frame.EndStream) != 0);
                break;
        }

        if (type is Http2Frame.Headers or Http2Frame.Data && (flags & Http2Frame.EndStream) != 0 && _receiving.Remove(streamId, out var whole) && !options.AnswersEarly)
        {
            _ = provider.AnswerAsync(whole);
        }
    }

    private async Task OpenWindowAsync(int streamId, int bytes, bool isLast)
    {
        if (options.WindowStaysClosed || bytes == 0)
        {
            return;
        }

        await WriteAsync(Http2Frame.WindowUpdate, 0, 0, Http2Frame.Number(bytes));
        if (!isLast)
        {
            await WriteAsync(Http2Frame.WindowUpdate, 0, streamId, Http2Frame.Number(bytes));
        }
    }
}
