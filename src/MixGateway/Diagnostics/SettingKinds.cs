using System.ComponentModel;
using MixGateway.Catalog;
using MixGateway.Hosting;

namespace MixGateway.Diagnostics;

/// <summary>Finds values that are not of the kind that their setting is: the framework's binder tells only of the first one, and in its own words.</summary>
internal static class SettingKinds
{
    /// <summary>Nothing secret is told: secrets are texts, and any value is one. An address may hold a password, and is not repeated.</summary>
    public static IEnumerable<string> Mistakes(IConfiguration configuration) =>
        (from setting in KnownSettings.OfOptions
         from written in ValuesOf(configuration.GetSection(setting.Name))
         where !IsOf(setting.Kind, written.Value!)
         select IsAddress(setting.Kind)
             ? $"{written.Path} has to be {Describe(setting.Kind)}."
             : $"{written.Path} is \"{written.Value}\": write {Describe(setting.Kind)}.")
        .Concat(KnownSettings.Lists.Where(name => IsTwice(configuration.GetSection(name)))
            .Select(static name => $"{name} is there as one value and as a list, in two sources: keep one of them."));

    /// <summary>A list in one source does not go away because another one writes a single value, so nobody could tell what holds.</summary>
    private static bool IsTwice(IConfigurationSection list) =>
        list.Value is { Length: > 0 } text && !SettingForms.Split(text).SequenceEqual(list.GetChildren().Select(static entry => entry.Value ?? ""));

    /// <summary>The setting, or the entries of its list.</summary>
    private static IEnumerable<IConfigurationSection> ValuesOf(IConfigurationSection section) =>
        section.Value is not null ? [section] : section.GetChildren().Where(static entry => entry.Value is not null);

    private static bool IsAddress(Type kind) => kind == typeof(Uri);

    private static bool IsOf(Type kind, string text)
    {
        if (Nullable.GetUnderlyingType(kind) is { } inner)
        {
            return text.Length == 0 || IsOf(inner, text);
        }

        if (kind == typeof(TimeSpan))
        {
            return DurationText.TryParse(text, out _);
        }

        try
        {
            return TypeDescriptor.GetConverter(kind).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Describe(Type kind)
    {
        var type = Nullable.GetUnderlyingType(kind) ?? kind;
        return type switch
        {
            { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type))}",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(TimeSpan) => DurationText.Form,
            _ when type == typeof(decimal) || type == typeof(double) => "a number",
            _ when type == typeof(int) || type == typeof(long) => "a whole number",
            _ when IsAddress(type) => "an address, such as https://ai.example.com",
            _ => $"a {type.Name}",
        };
    }
}
