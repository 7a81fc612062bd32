using System.Buffers;
using System.Text;

namespace MixGateway.Catalog;

/// <summary>What may stand in a model's name: it goes into records, logs, CSV files and requests to providers.</summary>
internal static class ModelName
{
    /// <summary>Longer ids are nobody's; the bound keeps what a caller writes under a wildcard out of the books' way.</summary>
    public const int MaxIdLength = 256;

    /// <summary>Between provider and id in a canonical name.</summary>
    public const char Separator = ':';

    /// <summary>Taken instead of <see cref="Separator"/> where nothing matches with it.</summary>
    public const char OtherSeparator = '/';

    private static readonly SearchValues<char> ProviderCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static string Canonical(string provider, string modelId) => $"{provider}{Separator}{modelId}";

    public static bool IsProviderName(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(ProviderCharacters);

    /// <summary>True for an id that can be sent and written: not empty, not the wildcard, bounded, whole characters, none of them a control.</summary>
    public static bool IsUsableId(ReadOnlySpan<char> id)
    {
        if (id.IsEmpty || id.Length > MaxIdLength || id.IsWhiteSpace() || id.SequenceEqual(Model.Wildcard))
        {
            return false;
        }

        while (!id.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(id, out var character, out var length) != OperationStatus.Done || Rune.IsControl(character))
            {
                return false;
            }

            id = id[length..];
        }

        return true;
    }
}
