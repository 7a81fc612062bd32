using System.Globalization;
using MixGateway.Administration;

namespace MixGateway.Console.Account;

/// <summary>What the form of a key sends: texts, as people type them.</summary>
public sealed class KeyInput : LimitInput
{
    private static readonly char[] Separators = ['\n', '\r', ',', ' ', '\t', '，', '、'];

    public string? Name { get; set; }

    /// <summary>The last day on which the key is taken, <c>2026-12-31</c>.</summary>
    public string? Expires { get; set; }

    public string? Models { get; set; }

    public string? Addresses { get; set; }

    /// <inheritdoc/>
    internal override bool IsLimited => base.IsLimited || !string.IsNullOrEmpty(Expires + Models + Addresses);

    internal static KeyInput Of(Key key)
    {
        var input = new KeyInput
        {
            Name = key.Name,
            Expires = key.ExpiresAt?.AddTicks(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Models = Lines(key.Models),
            Addresses = Lines(key.AllowedAddresses),
        };
        input.Take(key.RequestsPerMinute, key.TokensPerMinute, key.MaxConcurrent, key.SpendLimit);
        return input;
    }

    /// <summary>The policy that was typed; what is no number or date is noted as an error, everything else is for the use case to judge.</summary>
    /// <param name="before">The key that is edited: an end that was not touched stays, to the millisecond.</param>
    internal KeyPolicy ToPolicy(FieldErrors errors, Key? before = null)
    {
        var expiresAt = before is not null && Of(before).Expires == Expires ? before.ExpiresAt : EndOf(Expires, errors);
        return new KeyPolicy(Name?.Trim(), expiresAt, List(Models), ToLimits(errors), List(Addresses));
    }

    private static DateTime? EndOf(string? day, FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(day))
        {
            return null;
        }

        if (DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date < DateOnly.MaxValue)
        {
            return date.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        }

        errors.Add("expiresAt", "Not a day.");
        return null;
    }

    private static string[]? List(string? text) =>
        text?.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } list ? list : null;

    private static string? Lines(IReadOnlyList<string>? list) => list is null ? null : string.Join('\n', list);
}
