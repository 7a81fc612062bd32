using System.Text.Json;
using MixGateway.Billing;

namespace MixGateway.Administration.Api;

/// <summary>
/// Takes the members of a JSON object one by one. What is wrong with a member is noted under its name, and all others are still
/// read, so that one answer names every mistake. Not there, null and a value are told apart.
/// </summary>
internal sealed class JsonMembers
{
    private readonly Dictionary<string, JsonElement> _rest = new(StringComparer.Ordinal);
    private readonly FieldErrors _errors;
    private readonly string _prefix;

    /// <param name="prefix">What stands before the names in errors, such as <c>spendLimit.</c>.</param>
    /// <exception cref="InvalidOperationException">A member's name is not valid text.</exception>
    public JsonMembers(JsonElement body, FieldErrors errors, string prefix = "")
    {
        _errors = errors;
        _prefix = prefix;
        foreach (var member in body.EnumerateObject())
        {
            if (!_rest.TryAdd(member.Name, member.Value))
            {
                errors.Add(prefix + member.Name, "Is there more than once.");
            }
        }
    }

    private delegate bool Reader<T>(JsonElement element, out T value);

    public FieldErrors Errors => _errors;

    public Optional<string?> Text(string name) => Take<string?>(name, "Has to be a string.", TryReadText);

    public Optional<bool?> Flag(string name) => Take(name, "Has to be true or false.", static (JsonElement element, out bool? value) =>
    {
        value = element.ValueKind == JsonValueKind.True;
        return element.ValueKind is JsonValueKind.True or JsonValueKind.False;
    });

    public Optional<long?> Integer(string name) => Take(name, "Has to be a whole number.", static (JsonElement element, out long? value) =>
    {
        value = element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) ? number : null;
        return value is not null;
    });

    public Optional<DateTime?> Time(string name) => Take(name, Rfc3339.Expected, static (JsonElement element, out DateTime? value) =>
    {
        value = TryReadText(element, out var text) && Rfc3339.TryParse(text!, out var time) ? time : null;
        return value is not null;
    });

    public Optional<Money?> Amount(string name) => Take(
        name, "Has to be a decimal, as a string or number, with at most 9 decimals.", static (JsonElement element, out Money? value) =>
        {
            var amount = Money.Zero;
            value = (element.ValueKind == JsonValueKind.Number && Money.TryParseJsonNumber(element.GetRawText(), out amount))
                || (TryReadText(element, out var text) && Money.TryParse(text, out amount)) ? amount : null;
            return value is not null;
        });

    /// <summary>A value of an enum, in lower case.</summary>
    public Optional<T?> Word<T>(string name)
        where T : struct, Enum => Take(name, Words<T>.Expected, static (JsonElement element, out T? value) =>
        {
            value = TryReadText(element, out var text) ? Words<T>.Find(text!) : null;
            return value is not null;
        });

    public Optional<IReadOnlyList<string>?> Texts(string name) => Take(
        name, "Has to be a list of strings.", static (JsonElement element, out IReadOnlyList<string>? value) =>
        {
            value = null;
            if (element.ValueKind != JsonValueKind.Array)
            {
                return false;
            }

            var texts = new List<string>(element.GetArrayLength());
            foreach (var item in element.EnumerateArray())
            {
                if (!TryReadText(item, out var text))
                {
                    return false;
                }

                texts.Add(text!);
            }

            value = texts;
            return true;
        });

    /// <summary>An object; <paramref name="read"/> gives null if it noted an error.</summary>
    public Optional<T?> Object<T>(string name, Func<JsonMembers, T?> read)
        where T : class
    {
        var element = Take(name, "Has to be an object.", static (JsonElement element, out JsonElement? value) =>
        {
            value = element;
            return element.ValueKind == JsonValueKind.Object;
        });
        if (!element.IsSet || element.Value is not { } value)
        {
            return element.IsSet ? (T?)null : default(Optional<T?>);
        }

        var members = new JsonMembers(value, _errors, $"{_prefix}{name}.");
        var result = read(members);
        members.RefuseRest();
        return result;
    }

    public void Refuse(string name, string message) => _errors.Add(_prefix + name, message);

    /// <summary>Notes an error for each member that nobody took: mostly a spelling mistake, whose author thinks it has an effect.</summary>
    public void RefuseRest()
    {
        foreach (var name in _rest.Keys)
        {
            _errors.Add(_prefix + name, "Is not a member that is known here.");
        }
    }

    /// <summary>False for what is not a string, and for escapes that are no text (half of a surrogate pair).</summary>
    private static bool TryReadText(JsonElement element, out string? text)
    {
        text = null;
        if (element.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = element.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private Optional<T> Take<T>(string name, string expected, Reader<T> read)
    {
        if (!_rest.Remove(name, out var element))
        {
            return default;
        }

        if (element.ValueKind == JsonValueKind.Null)
        {
            return default(T)!;
        }

        if (read(element, out var value))
        {
            return value;
        }

        _errors.Add(_prefix + name, expected);
        return default;
    }
}
