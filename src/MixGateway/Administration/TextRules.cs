using System.Buffers;
using System.Text;

namespace MixGateway.Administration;

/// <summary>What every text that is stored has to be: not blank, not too long, and nothing that a database or a terminal stumbles over.</summary>
internal static class TextRules
{
    public const int MaxNameLength = 100;
    public const int MaxNoteLength = 1000;
    public const int MaxIdempotencyKeyLength = 200;

    /// <summary>One line of text.</summary>
    public static void CheckLine(this FieldErrors errors, string field, string? text, int maxLength) => Check(errors, field, text, maxLength, static rune => Rune.IsControl(rune));

    /// <summary>Text that may have several lines.</summary>
    public static void CheckText(this FieldErrors errors, string field, string? text, int maxLength) =>
        Check(errors, field, text, maxLength, static rune => Rune.IsControl(rune) && rune.Value is not ('\n' or '\r' or '\t'));

    private static void Check(FieldErrors errors, string field, string? text, int maxLength, Func<Rune, bool> isRefused)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            errors.Add(field, "Has to hold some text.");
        }
        else if (text.Length > maxLength)
        {
            errors.Add(field, $"May have {maxLength} characters at most.");
        }
        else if (HoldsAny(text, isRefused))
        {
            errors.Add(field, "May not hold control characters or halves of surrogate pairs.");
        }
    }

    private static bool HoldsAny(ReadOnlySpan<char> text, Func<Rune, bool> isRefused)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var length) != OperationStatus.Done || isRefused(rune))
            {
                return true;
            }

            text = text[length..];
        }

        return false;
    }
}
