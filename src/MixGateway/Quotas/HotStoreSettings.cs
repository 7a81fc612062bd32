using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>
/// Reads <c>ConnectionStrings:Redis</c>: the client's own form (<c>redis:6379,user=…,ssl=true</c>), or an address with the scheme
/// <c>redis</c> or <c>rediss</c>, as most other programs take it.
/// </summary>
internal static partial class HotStoreSettings
{
    private const int DefaultPort = 6379;

    /// <summary>Told with every mistake: what a right one looks like.</summary>
    private const string Forms = "Write host:port,user=…,password=…,ssl=true or rediss://user:password@host:port";

    /// <summary>The server and how to get in; null for a store of this process.</summary>
    /// <exception cref="OptionsValidationException">It cannot be read; the message says where, and holds no secret.</exception>
    public static ConfigurationOptions? Read(IConfiguration configuration)
    {
        if (HotStoreConnection.IsEmbedded(configuration))
        {
            return null;
        }

        var text = configuration.GetConnectionString(HotStoreConnection.ConnectionStringName)!.Trim();
        var options = Scheme().IsMatch(text) ? ReadAddress(text) : ReadList(text);
        if (options.EndPoints.Count == 0)
        {
            throw Mistake($"it names no server. {Forms}");
        }

        if (configuration.GetConnectionString(HotStoreConnection.PasswordName) is { Length: > 0 } password)
        {
            options.Password = password;
        }

        return options;
    }

    private static ConfigurationOptions ReadList(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text);
        }
        catch (ArgumentException exception) when (exception.ParamName is { } name && OptionName().IsMatch(name))
        {
            // Only the name: a value may be a piece of the password.
            throw Mistake($"'{name}' is no option of it, or has a value that is not allowed. A prefix for keys is {QuotasOptions.KeyPrefixName}. {Forms}");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw Mistake($"it cannot be read. {Forms}");
        }
    }

    private static ConfigurationOptions ReadAddress(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            throw Mistake($"it cannot be read; in a password, write the characters :/?#[]@% as %3A, %2F and so on. {Forms}");
        }

        if (address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            throw Mistake("an address with the scheme redis or rediss takes no options behind '?' or '#'. Write host:port,option=value instead");
        }

        var options = new ConfigurationOptions { Ssl = address.Scheme is "rediss" };
        options.EndPoints.Add(address.Host.Trim('[', ']'), address.Port < 0 ? DefaultPort : address.Port);
        var colon = address.UserInfo.IndexOf(':', StringComparison.Ordinal);
        var user = colon < 0 ? address.UserInfo : address.UserInfo[..colon];
        if (user.Length > 0)
        {
            options.User = Uri.UnescapeDataString(user);
        }

        if (colon >= 0)
        {
            options.Password = Uri.UnescapeDataString(address.UserInfo[(colon + 1)..]);
        }

        if (address.AbsolutePath.Trim('/') is { Length: > 0 } database)
        {
            options.DefaultDatabase = int.TryParse(database, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Mistake("what follows the port is the number of a database, such as /0");
        }

        return options;
    }

    private static OptionsValidationException Mistake(string what) =>
        new(HotStoreConnection.SettingName, typeof(ConfigurationOptions), [$"{HotStoreConnection.SettingName}: {what}."]);

    [GeneratedRegex("^rediss?://", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^[A-Za-z]{1,40}\z")]
    private static partial Regex OptionName();
}
