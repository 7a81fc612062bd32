using System.Text.Json.Serialization;

namespace MixGateway.Administration;

/// <summary>Which part of a list to give.</summary>
/// <param name="Limit">1 to <see cref="MaxLimit"/>.</param>
/// <param name="After">Where the last page ended; null for the first page.</param>
internal sealed record PageRequest(int Limit, Cursor? After)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 500;

    /// <summary>One row more than the page holds is read, to know whether there is a next page.</summary>
    public int Take => Limit + 1;
}

/// <summary>A part of a list.</summary>
/// <param name="NextCursor">Gives the next page; null on the last one.</param>
internal sealed record Page<T>(
    [property: JsonPropertyName("data")] IReadOnlyList<T> Data,
    [property: JsonPropertyName("nextCursor")] string? NextCursor);

internal static class Page
{
    /// <param name="rows">As many as <see cref="PageRequest.Take"/> asked for, or what there is.</param>
    public static Page<T> Of<TRow, T>(IReadOnlyList<TRow> rows, PageRequest request, Func<TRow, T> view, Func<TRow, Cursor> cursor)
    {
        var hasMore = rows.Count > request.Limit;
        return new Page<T>(
            [.. rows.Take(request.Limit).Select(view)],
            hasMore ? cursor(rows[request.Limit - 1]).ToString() : null);
    }
}
