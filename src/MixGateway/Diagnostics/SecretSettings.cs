using System.Data.Common;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Diagnostics;

/// <summary>The settings whose values nobody is to read in a log. Providers' credentials change while the gateway runs, and are watched by <see cref="Redactor"/> itself.</summary>
internal static class SecretSettings
{
    /// <summary>As <c>docs/configuration.md</c> names them.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "Bootstrap:AdminToken",
        "Bootstrap:AdminPassword",
        "Security:MasterKey",
        "Security:PreviousMasterKeys",
        StorageExtensions.PasswordKey,
        "ConnectionStrings:" + HotStoreConnection.PasswordName,
        "Console:OpenIdConnect:ClientSecret",
        "Smtp:Password",
        "Proxy:Password",
        "Payments:Stripe:SecretKey",
        "Payments:Stripe:WebhookSecret",
        "Payments:EPay:Key",
    ];

    /// <summary>What is set of them, with the passwords inside of connection strings.</summary>
    public static IEnumerable<string> ValuesOf(IConfiguration configuration) =>
        Names.Select(name => configuration[name])
            .Concat(configuration.GetSection("Security:PreviousMasterKeys").GetChildren().Select(static key => key.Value))
            .Append(PasswordOfPostgres(configuration[StorageExtensions.PostgresKey]))
            .Append(PasswordOfRedis(configuration[HotStoreConnection.SettingName]))
            .Where(static value => !string.IsNullOrEmpty(value)).OfType<string>();

    /// <summary>The storage has refused what cannot be read before.</summary>
    private static string? PasswordOfPostgres(string? text)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = text };
        return parts.TryGetValue("Password", out var value) || parts.TryGetValue("Pwd", out value) ? value.ToString() : null;
    }

    private static string? PasswordOfRedis(string? text)
    {
        const string Name = "password=";
        return text?.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(static part => part.StartsWith(Name, StringComparison.OrdinalIgnoreCase))?[Name.Length..];
    }
}
