using System.Globalization;
using System.Reflection;
using MixGateway.Authentication;
using MixGateway.Catalog;
using MixGateway.Forwarding;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Diagnostics;

/// <summary>
/// The name of every setting of ours, as <c>docs/configuration.md</c> writes it: <c>x</c>, <c>id</c>, <c>name</c> and <c>n</c> stand for what the
/// operator chooses.
/// </summary>
internal static class KnownSettings
{
    private const string OptionsSuffix = "Options";
    private const string SectionField = "Section";

    /// <summary>Read without an options class.</summary>
    private static readonly string[] Single =
    [
        DataFolder.Key, ShutdownTimes.DelayKey, ShutdownTimes.TimeoutKey, CallerAddressExtensions.KnownProxiesKey, BrowserCallersExtensions.OriginsKey, SecretFiles.PathKey, SecretFiles.RequiredKey,
        StorageExtensions.PostgresKey, StorageExtensions.PasswordKey,
        "ConnectionStrings:" + HotStoreConnection.ConnectionStringName, "ConnectionStrings:" + HotStoreConnection.PasswordName,
        "Billing:Currency", "Aliases:name", "Serilog:MinimumLevel", "urls", "environment",
    ];

    /// <summary>The settings of every options class.</summary>
    public static IReadOnlyList<OptionSetting> OfOptions { get; } =
    [
        .. from type in typeof(KnownSettings).Assembly.GetTypes()
            where type.Name.EndsWith(OptionsSuffix, StringComparison.Ordinal)
            let section = type.GetField(SectionField, BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
            where section is not null
            from setting in Walk(section, type)
            select setting,
    ];

    /// <summary>The settings that are lists of single values, but for those of the catalog, which reads its own.</summary>
    public static IReadOnlyList<string> Lists { get; } =
        [CallerAddressExtensions.KnownProxiesKey, BrowserCallersExtensions.OriginsKey, .. OfOptions.Where(static setting => setting.IsList).Select(static setting => setting.Name)];

    public static IReadOnlyList<string> All { get; } =
    [
        .. Single.Concat(OfOptions.Select(static setting => setting.Name)).Concat(OfCatalog()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>How a default is written.</summary>
    public static string? Write(object? value) => value switch
    {
        null or "" => null,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static IEnumerable<string> OfCatalog() =>
    [
        .. ProviderReader.Keys.Select(static key => $"Providers:x:{key}"),
        .. ProxyReader.Keys.Select(static key => $"{ProxyReader.Section}:{key}"),
        .. ProxyReader.Keys.Select(static key => $"Providers:x:{ProxyReader.Section}:{key}"),
        .. ClientCertificateFile.Keys.Select(static key => $"Providers:x:{ClientCertificateFile.Section}:{key}"),
        .. ModelReader.ModelKeys.Select(static key => $"Providers:x:Models:id:{key}"),
        .. ModelReader.TierKeys.Select(static key => $"Providers:x:Models:id:Tiers:n:{key}"),
        .. ModelReader.PurchaseKeys.Select(static key => $"Providers:x:Models:id:Purchase:{key}"),
    ];

    private static IEnumerable<OptionSetting> Walk(string prefix, Type type)
    {
        var fresh = type.GetConstructor(Type.EmptyTypes)?.Invoke(null);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.SetMethod is null && !IsCollection(property.PropertyType))
            {
                continue;
            }

            var name = $"{prefix}:{property.Name}";
            var (item, suffix) = ItemOf(property.PropertyType);
            if (IsSingle(item))
            {
                yield return new OptionSetting(
                    suffix is ":name" ? name + suffix : name,
                    suffix.Length == 0 ? property.PropertyType : item,
                    suffix.Length == 0 && fresh is not null ? property.GetValue(fresh) : null,
                    IsList: suffix == ":n");
                continue;
            }

            foreach (var inner in Walk(name + suffix, item))
            {
                yield return suffix.Length == 0 ? inner : inner with { Default = null };
            }
        }
    }

    private static bool IsCollection(Type type) => type != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(type);

    /// <summary>What a collection holds, and how its entries are named.</summary>
    private static (Type Item, string Suffix) ItemOf(Type type)
    {
        if (!IsCollection(type))
        {
            return (Nullable.GetUnderlyingType(type) ?? type, "");
        }

        var arguments = type.GetGenericArguments();
        return arguments.Length == 2 ? (arguments[1], ":name") : (type.GetElementType() ?? arguments.FirstOrDefault() ?? typeof(string), ":n");
    }

    private static bool IsSingle(Type type) => type.IsValueType || type == typeof(string) || type == typeof(Uri);
}

/// <summary>A setting that is bound to a property of an options class.</summary>
/// <param name="Kind">Of its value, or of each entry of its list.</param>
/// <param name="Default">What it is if nobody sets it.</param>
/// <param name="IsList">True for a list of such values.</param>
internal sealed record OptionSetting(string Name, Type Kind, object? Default, bool IsList = false);
