using System.Collections.Immutable;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>Finds what has to be cut out of a document so that members of its root are gone and every other byte stays.</summary>
internal static class MemberRemoval
{
    /// <summary>More pieces are refused: a body of nothing else would take several times its size.</summary>
    public const int MaxPieces = 16;

    /// <summary>
    /// The pieces, ascending and apart: each takes the comma before it along, or, where nothing stays before it, the one after it.
    /// Names are compared as <see cref="RequestEnvelope.TryFindField"/> does.
    /// </summary>
    /// <param name="body">A document that was read; at least one of its members stays.</param>
    /// <param name="pieces">The first <see cref="MaxPieces"/>.</param>
    /// <returns>False if there are more.</returns>
    public static bool TryFind(ReadOnlySpan<byte> body, ImmutableArray<string> names, out List<ByteRange> pieces)
    {
        pieces = [];
        var reader = RequestReader.CreateReader(body, out var offset);
        var from = -1;
        var end = -1;
        var keeps = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = offset + (int)reader.TokenStartIndex;
            if (RequestEnvelope.IsOneOf(reader.ValueSpan, names, out _))
            {
                from = from >= 0 ? from : keeps ? end : start;
            }
            else
            {
                if (from >= 0)
                {
                    pieces.Add(Piece(from, keeps ? end : start));
                    from = -1;
                }

                keeps = true;
            }

            if (pieces.Count > MaxPieces)
            {
                return false;
            }

            reader.Skip();
            end = offset + (int)reader.BytesConsumed;
        }

        if (from >= 0)
        {
            pieces.Add(Piece(from, end));
        }

        return pieces.Count <= MaxPieces;
    }

    private static ByteRange Piece(int start, int end) => new(start, end - start);
}
