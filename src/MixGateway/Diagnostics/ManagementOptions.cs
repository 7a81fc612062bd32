using Microsoft.Extensions.Options;

namespace MixGateway.Diagnostics;

/// <summary>Section <c>Management</c>: a listener for operators, apart from the callers'.</summary>
internal sealed class ManagementOptions
{
    public const string Section = "Management";
    public const string UrlsKey = Section + ":" + nameof(Urls);

    /// <summary>
    /// Addresses, separated by semicolons. Metrics, management API and console answer there and nowhere else, and the callers' API
    /// does not. Empty: everything answers everywhere.
    /// </summary>
    public string? Urls { get; set; }

    /// <summary>Wrong tokens that one address may send per minute; then it waits for the minute's end. Of IPv6, a /64 network counts as one address.</summary>
    public int WrongTokensPerMinute { get; set; } = 20;

    public static string[] Split(string? urls) => urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>Null for what is no address with a port.</summary>
    public static int? PortOf(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.IsUnixPipe || address.IsNamedPipe || address.Scheme is not ("http" or "https") ? null : address.Port;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

internal sealed class ManagementOptionsValidation(IConfiguration configuration) : IValidateOptions<ManagementOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ManagementOptions options)
    {
        if (options.WrongTokensPerMinute < 1)
        {
            return ValidateOptionsResult.Fail($"{ManagementOptions.Section}:{nameof(options.WrongTokensPerMinute)} is {options.WrongTokensPerMinute}: set it to 1 or more.");
        }

        var management = ManagementOptions.Split(options.Urls);
        if (Array.Exists(management, static url => ManagementOptions.PortOf(url) is null or 0))
        {
            return ValidateOptionsResult.Fail($"{ManagementOptions.UrlsKey}: write addresses with a port, separated by semicolons, such as http://127.0.0.1:9090.");
        }

        // Which listener a request came in by is told by its port.
        var ours = Array.ConvertAll(management, static url => ManagementOptions.PortOf(url)!.Value);
        return ManagementListener.PublicUrls(configuration).Except(management).Any(url => ManagementOptions.PortOf(url) is { } port && ours.Contains(port))
            ? ValidateOptionsResult.Fail($"{ManagementOptions.UrlsKey} shares a port with the callers' addresses; give it one of its own.")
            : ValidateOptionsResult.Success;
    }
}
