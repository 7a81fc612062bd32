using MixGateway.Catalog;
using MixGateway.Diagnostics;

namespace MixGateway.Hosting;

/// <summary>
/// Operators may write a list as one value with commas, which is all that an environment variable can hold, and a time with a unit. The
/// framework ignores the one and takes the other for days, so both are written once more in the form that it reads.
/// </summary>
internal static class SettingForms
{
    /// <summary>Belongs behind the last source of settings. What cannot be read stays, and is a mistake later.</summary>
    public static void Apply(ConfigurationManager configuration)
    {
        Dictionary<string, string?> forms = new(StringComparer.OrdinalIgnoreCase);
        foreach (var list in KnownSettings.Lists.Select(configuration.GetSection).Where(static list => list.Value is { Length: > 0 } && !list.GetChildren().Any()))
        {
            foreach (var (index, entry) in Split(list.Value!).Index())
            {
                forms[$"{list.Path}:{index}"] = entry;
            }
        }

        foreach (var setting in KnownSettings.OfOptions.Where(static setting => (Nullable.GetUnderlyingType(setting.Kind) ?? setting.Kind) == typeof(TimeSpan)))
        {
            if (configuration[setting.Name] is { } text && DurationText.TryParse(text, out var time) && time.ToString("c") is var form && form != text)
            {
                forms[setting.Name] = form;
            }
        }

        if (forms.Count > 0)
        {
            configuration.AddInMemoryCollection(forms);
        }
    }

    /// <summary>The entries of a list that is written as one value.</summary>
    public static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
