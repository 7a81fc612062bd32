using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace MixGateway.Console.Languages;

/// <summary>
/// The texts of an area of the console in the reader's language. They are in <c>{TArea}.json</c> beside the pages, English and Chinese
/// side by side, so that a translator sees both and neither can be forgotten.
/// </summary>
/// <typeparam name="TArea">A class that stands for the area, such as <c>AccountTexts</c>.</typeparam>
internal sealed class Texts<TArea>
{
    private static readonly FrozenDictionary<string, string[]> All = Load();

    public string this[string key] => All[key][Language.IsChinese(CultureInfo.CurrentUICulture.Name) ? 1 : 0];

    /// <summary>With values for <c>{0}</c>, <c>{1}</c> and so on, written as the reader's culture writes them.</summary>
    public string this[string key, params object?[] values] => string.Format(CultureInfo.CurrentCulture, this[key], values);

    /// <summary>Null where there is no such text.</summary>
    public string? Find(string key) => All.ContainsKey(key) ? this[key] : null;

    private static FrozenDictionary<string, string[]> Load()
    {
        using var stream = typeof(Texts<>).Assembly.GetManifestResourceStream($"Console/Texts/{typeof(TArea).Name}")
            ?? throw new InvalidOperationException($"{typeof(TArea).Name}.json is not a part of the program.");
        return JsonSerializer.Deserialize<Dictionary<string, string[]>>(stream)!.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
