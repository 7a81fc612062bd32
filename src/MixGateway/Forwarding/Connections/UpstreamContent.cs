using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Net;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding.Connections;

/// <summary>
/// The request's body as a provider gets it: the caller's bytes with the edits between them, written without a copy of the whole. It can
/// be written any number of times, also by a client that still writes it after its attempt is over: each writing keeps the body alive.
/// </summary>
internal sealed class UpstreamContent : HttpContent
{
    /// <summary>Where a request carries it to <see cref="UpstreamHandler"/>: YARP lets nobody replace its own content.</summary>
    public static readonly HttpRequestOptionsKey<UpstreamContent> Key = new("MixGateway.UpstreamContent");

    /// <summary>Pieces are collected up to here, so that a small body goes out in one write; longer ones are written where they lie.</summary>
    private const int CollectedLength = 16 * 1024;

    private readonly Call _call;
    private readonly ImmutableArray<RequestEdit> _edits;
    private readonly ReadOnlyMemory<byte> _model;
    private readonly byte[] _limit;
    private readonly int _bodyLength;
    private readonly int _length;

    /// <param name="call">Its present attempt decides on the model and the edits.</param>
    public UpstreamContent(Call call)
    {
        _call = call;
        var edits = ExtraEdits.Of(call.Body.Span, call.Envelope, call.Target.Provider.RemovedFields, call.OutputCap);
        _edits = call.AsksStreamUsage ? edits : ExtraEdits.WithoutUsage(edits);
        _model = call.Target.ModelIdJson;
        _limit = call.OutputCap is { } cap ? Digits(cap) : [];
        _bodyLength = call.BodyLength;
        _length = RequestEditor.EditedLength(_bodyLength, _edits, _model.Span, _limit);
        IsOnNewConnection = call.NeedsNewConnection;
        Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    /// <summary>True if it may go out on a connection alone that carried nothing before.</summary>
    public bool IsOnNewConnection { get; }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    /// <exception cref="IOException">The body is gone: the call is over, or its answer has begun.</exception>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!_call.Body.TryLease(_bodyLength, out var lease))
        {
            throw new IOException("The request's body is gone.");
        }

        var collected = ArrayPool<byte>.Shared.Rent(Math.Min(_length, CollectedLength));
        try
        {
            _call.WasSent = true;
            await WriteAsync(lease.Memory, stream, collected, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(collected);
            lease.Return();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> body, Stream stream, byte[] collected, CancellationToken cancellationToken)
    {
        var used = 0;
        var read = 0;
        foreach (var edit in _edits)
        {
            used = await AddAsync(body[read..edit.Range.Start], stream, collected, used, cancellationToken);
            used = await AddAsync(RequestEditor.Replacement(edit.Kind, _model, _limit), stream, collected, used, cancellationToken);
            read = edit.Range.End;
        }

        used = await AddAsync(body[read..], stream, collected, used, cancellationToken);
        if (used > 0)
        {
            await stream.WriteAsync(collected.AsMemory(0, used), cancellationToken);
        }
    }

    /// <returns>How much is collected now.</returns>
    private static async ValueTask<int> AddAsync(ReadOnlyMemory<byte> piece, Stream stream, byte[] collected, int used, CancellationToken cancellationToken)
    {
        if (piece.Length > collected.Length - used)
        {
            if (used > 0)
            {
                await stream.WriteAsync(collected.AsMemory(0, used), cancellationToken);
                used = 0;
            }

            if (piece.Length > collected.Length)
            {
                await stream.WriteAsync(piece, cancellationToken);
                return 0;
            }
        }

        piece.CopyTo(collected.AsMemory(used));
        return used + piece.Length;
    }

    private static byte[] Digits(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var written);
        return digits[..written].ToArray();
    }
}
