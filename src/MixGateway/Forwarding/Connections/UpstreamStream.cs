using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace MixGateway.Forwarding.Connections;

/// <summary>
/// The bytes of a connection, beneath the HTTP client and above TLS. A provider may answer and close before it has read the whole request
/// (RFC 9112 §9.6), or say in TLS or HTTP/2 why it closes, and the client would report that its write failed. This stream drops what the
/// provider no longer takes, so that the client goes on to read; if nothing was sent, the read tells of the loss.
/// </summary>
/// <param name="isShared">True for HTTP/2, where a write or a read belongs to no single request.</param>
/// <param name="route">Hears how the connection began: over HTTP/2 the client does not pass on why it ended.</param>
internal sealed class UpstreamStream(Stream inner, bool isShared, UpstreamRoute route) : Stream
{
    private UpstreamExchange? _exchange;
    private volatile bool _isDeaf;
    private bool _hasBegun;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        NoteRequest();
        if (_isDeaf)
        {
            return ValueTask.CompletedTask;
        }

        var writing = inner.WriteAsync(buffer, cancellationToken);
        if (!writing.IsCompletedSuccessfully)
        {
            return WriteAsync(writing);
        }

        writing.GetAwaiter().GetResult();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompletedSuccessfully)
        {
            return ReadAsync(reading);
        }

        var read = reading.Result;
        NoteAnswer(read);
        return ValueTask.FromResult(read);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _isDeaf ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>What a peer that has closed makes of a write; anything else is told as it is.</summary>
    private static bool IsClosedByPeer(IOException exception) =>
        exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAsync(ValueTask writing)
    {
        try
        {
            await writing;
        }
        catch (IOException e) when (IsClosedByPeer(e))
        {
            _isDeaf = true;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAsync(ValueTask<int> reading)
    {
        try
        {
            var read = await reading;
            NoteAnswer(read);
            return read;
        }
        catch (IOException e) when (!_hasBegun)
        {
            route.NoteBroken(e);
            throw;
        }
    }

    /// <summary>The first write in the flow of another request than before begins that one.</summary>
    private void NoteRequest()
    {
        if (!isShared && UpstreamExchange.Current is { } exchange && !ReferenceEquals(exchange, _exchange))
        {
            exchange.OnSent(kept: _exchange is not null);
            _exchange = exchange;
        }
    }

    private void NoteAnswer(int read)
    {
        if (read <= 0)
        {
            return;
        }

        _exchange?.OnAnswerBegins();
        if (!_hasBegun)
        {
            _hasBegun = true;
            route.NoteBegun();
        }
    }
}
