using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>Counts as providers write them.</summary>
internal static class JsonCount
{
    /// <summary>Reads a number that is whole, in whatever form: 12, 12.0, 1.2e1.</summary>
    /// <returns>False unless it is from 0 to <see cref="TokenUsage.MaxCount"/>.</returns>
    public static bool TryRead(ref Utf8JsonReader reader, out long count)
    {
        count = 0;
        if (reader.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        if (!reader.TryGetInt64(out count))
        {
            if (!reader.TryGetDecimal(out var number) || number != decimal.Truncate(number) || number is < 0 or > TokenUsage.MaxCount)
            {
                count = 0;
                return false;
            }

            count = (long)number;
        }

        return count is >= 0 and <= TokenUsage.MaxCount;
    }
}
