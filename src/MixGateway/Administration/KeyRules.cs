namespace MixGateway.Administration;

/// <summary>What a key's policy has to keep to.</summary>
internal static class KeyRules
{
    public const int MaxListLength = 100;
    public const int MaxPatternLength = 200;

    /// <param name="isNew">A new key has to have a name.</param>
    /// <param name="now">UTC.</param>
    public static void Check(this KeyPolicy policy, FieldErrors errors, bool isNew, DateTime now)
    {
        if (isNew || policy.Name.IsSet)
        {
            errors.CheckLine("name", policy.Name.Value, TextRules.MaxNameLength);
        }

        if (policy.ExpiresAt.Value is { } expiresAt && expiresAt <= now)
        {
            errors.Add("expiresAt", "Has to be in the future.");
        }

        policy.Limits.Check(errors);
        CheckList(errors, "models", policy.Models.Value, "model", CheckPattern);
        CheckList(errors, "allowedAddresses", policy.AllowedAddresses.Value, "address", CheckAddress);
    }

    private static void CheckList(FieldErrors errors, string field, IReadOnlyList<string>? list, string item, Action<FieldErrors, string, string> check)
    {
        if (list is null)
        {
            return;
        }

        // An empty list could be read as "none" and as "any": whoever means any leaves it out.
        if (list.Count is 0 or > MaxListLength)
        {
            errors.Add(field, $"Has to hold 1 to {MaxListLength} entries; null stands for any {item}.");
            return;
        }

        for (var i = 0; i < list.Count; i++)
        {
            check(errors, $"{field}[{i}]", list[i]);
        }
    }

    private static void CheckPattern(FieldErrors errors, string field, string pattern)
    {
        errors.CheckLine(field, pattern, MaxPatternLength);
        if (pattern.Any(char.IsWhiteSpace))
        {
            errors.Add(field, "A model's name, provider:modelId, or a pattern of it with *, holds no blanks.");
        }
    }

    private static void CheckAddress(FieldErrors errors, string field, string text)
    {
        if (!AllowedAddress.TryParse(text, out _))
        {
            errors.Add(field, "Has to be an IP address, such as 192.0.2.7, or a network, such as 192.0.2.0/24 or 2001:db8::/32.");
        }
    }
}
