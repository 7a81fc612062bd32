namespace MixGateway.Usage;

/// <summary>Finds the records that no database should be asked to take.</summary>
internal static class RecordCheck
{
    /// <returns>What is wrong with the record, or null.</returns>
    public static string? Problem(UsageRecord record)
    {
        if (record.RequestId.Version != 7 || record.StartedAt.Kind != DateTimeKind.Utc || record.StartedAt != UsageRecord.StartOf(record.RequestId))
        {
            return "The start of the call is not the time in its request id.";
        }

        return Text(nameof(record.Provider), record.Provider)
            ?? Text(nameof(record.Model), record.Model)
            ?? Text(nameof(record.Currency), record.Currency)
            ?? Text(nameof(record.ErrorCode), record.ErrorCode ?? "");
    }

    /// <summary>PostgreSQL stores no NUL, and neither database an unpaired surrogate as it was.</summary>
    private static string? Text(string name, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
            {
                return $"{name} holds a character that cannot be stored.";
            }
        }

        return null;
    }
}
