using System.IO.Compression;
using System.IO.Pipelines;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Wire;

/// <summary>Writes a response's bytes in the pieces and the coding that the script asks for.</summary>
internal sealed class ResponseOutput : IAsyncDisposable
{
    private readonly HttpContext _context;
    private readonly CountedCall _count;
    private readonly int _fragment;
    private readonly PipeWriter _output;
    private readonly bool _isCompressed;
    private bool _isBroken;

    /// <param name="isCompressed">The bytes are compressed as they are written; the caller sets the header.</param>
    public ResponseOutput(SimulatedCall call, bool isCompressed)
    {
        _context = call.Context;
        _count = call.Count;
        _fragment = call.Script.Fragment ?? int.MaxValue;
        _isCompressed = isCompressed;
        _output = isCompressed
            ? PipeWriter.Create(new GZipStream(_context.Response.Body, CompressionLevel.Fastest))
            : _context.Response.BodyWriter;
    }

    /// <summary>Whether the script wants this answer compressed.</summary>
    public static bool Compresses(SimulatedCall call) => call.Script.Gzip switch
    {
        GzipMode.Always => true,
        GzipMode.IfAccepted => call.Context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>Sends the headers if they have not been sent.</summary>
    public async ValueTask SendHeadersAsync() => await _context.Response.BodyWriter.FlushAsync(_context.RequestAborted);

    /// <summary>Writes and flushes.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    /// <exception cref="IOException">The caller left.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > _fragment)
        {
            await FlushAsync(bytes[.._fragment]);
            bytes = bytes[_fragment..];
        }

        await FlushAsync(bytes);
    }

    /// <summary>
    /// Kestrel tells of a caller who left first here, and by the token only when the thread pool comes to it: an answer
    /// without pauses could be written to nobody until then.
    /// </summary>
    private async ValueTask FlushAsync(ReadOnlyMemory<byte> bytes)
    {
        var flushed = await _output.WriteAsync(bytes, _context.RequestAborted);

        // On HTTP/2 Kestrel answers an empty write as if nobody read.
        if (flushed.IsCompleted && !bytes.IsEmpty)
        {
            throw new IOException("The caller left.");
        }
    }

    /// <summary>Writes the end of an answer, and counts it before its last bytes can be read.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async ValueTask WriteEndAsync(ReadOnlyMemory<byte> bytes, CallEnd end)
    {
        const int LongestLastPiece = 4096;
        if (bytes.Length > LongestLastPiece)
        {
            await WriteAsync(bytes[..^LongestLastPiece]);
            bytes = bytes[^LongestLastPiece..];
        }

        _context.RequestAborted.ThrowIfCancellationRequested();
        _count.End(end);
        await WriteAsync(bytes);
    }

    /// <summary>Breaks the connection off after what was written.</summary>
    public Task BreakAsync()
    {
        _isBroken = true;
        _count.End(CallEnd.Cut);
        return BrokenConnection.BreakAsync(_context);
    }

    public ValueTask DisposeAsync() => _isCompressed && !_isBroken && !_context.RequestAborted.IsCancellationRequested
        ? _output.CompleteAsync()
        : ValueTask.CompletedTask;
}
