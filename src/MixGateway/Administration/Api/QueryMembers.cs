using System.Globalization;

namespace MixGateway.Administration.Api;

/// <summary>Takes parameters of the query; what is wrong with one is noted under its name.</summary>
internal sealed class QueryMembers(HttpContext context)
{
    private const int MaxTextLength = 1000;

    public FieldErrors Errors { get; } = new();

    public PageRequest Page()
    {
        var limit = Read<int>("limit", $"Has to be a whole number from 1 to {PageRequest.MaxLimit}.", static (string text, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= PageRequest.MaxLimit);
        var cursor = Text("cursor");
        Cursor? after = null;
        if (cursor is not null && !Cursor.TryParse(cursor, out after))
        {
            Errors.Add("cursor", "Is not a cursor: use nextCursor of the page before as it is.");
        }

        return new PageRequest(limit ?? PageRequest.DefaultLimit, after);
    }

    public UsagePeriod Period() => new(Read<DateTime>("from", Rfc3339.Expected, Rfc3339.TryParse), Read<DateTime>("to", Rfc3339.Expected, Rfc3339.TryParse));

    public Guid? Id(string name) => Read<Guid>(name, "Has to be an id.", Guid.TryParse);

    /// <summary>False where it is not there.</summary>
    public bool Flag(string name) => Read<bool>(name, "Has to be true or false.", bool.TryParse) ?? false;

    /// <summary>A value of an enum, in lower case; null where it is not there.</summary>
    public T? WordOrNone<T>(string name)
        where T : struct, Enum => Read<T>(name, Words<T>.Expected, static (string text, out T value) =>
        {
            var word = Words<T>.Find(text);
            value = word ?? default;
            return word is not null;
        });

    /// <summary>A value of an enum, in lower case, that has to be there.</summary>
    public T Word<T>(string name)
        where T : struct, Enum
    {
        var text = Text(name);
        if (text is not null && Words<T>.Find(text) is { } value)
        {
            return value;
        }

        Errors.Add(name, Words<T>.Expected);
        return default;
    }

    public string? Text(string name)
    {
        var values = context.Request.Query[name];
        if (values.Count == 0)
        {
            return null;
        }

        // PostgreSQL has no text with NUL in it, and nothing that is looked for does.
        if (values is [{ Length: > 0 and <= MaxTextLength } text] && !text.Contains('\0'))
        {
            return text;
        }

        Errors.Add(name, $"Has to be there once, with 1 to {MaxTextLength} characters.");
        return null;
    }

    private delegate bool Reader<T>(string text, out T value);

    private T? Read<T>(string name, string expected, Reader<T> read)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (read(text, out var value))
        {
            return value;
        }

        Errors.Add(name, expected);
        return null;
    }
}
