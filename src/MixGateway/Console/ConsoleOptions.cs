using Microsoft.Extensions.Options;

namespace MixGateway.Console;

/// <summary>How the console is offered; section <c>Console</c>. Who may register is in RegistrationOptions.</summary>
internal sealed class ConsoleOptions
{
    public const string Section = "Console";
    public const string EnabledKey = Section + ":" + nameof(Enabled);

    /// <summary>False takes the console out: its paths answer 404, and none of its services is there.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Where callers reach <c>/v1</c>, without it, as code samples name it; by default the reader's own address, or the callers' listener
    /// where the console has one of its own.
    /// </summary>
    public Uri? ApiUrl { get; set; }

    /// <summary>How many passwords, codes and registrations an address may send in a minute.</summary>
    public int SignInsPerMinute { get; set; } = 20;

    public OpenIdConnectSettings OpenIdConnect { get; set; } = new();

    /// <summary>What is no flag is told with all other mistakes, and until then counts as the default.</summary>
    public static bool IsEnabled(IConfiguration configuration) => !bool.TryParse(configuration[EnabledKey], out var isEnabled) || isEnabled;
}

/// <summary>A provider of identities to sign in with; there is none without an authority.</summary>
internal sealed class OpenIdConnectSettings
{
    /// <summary>Such as <c>https://login.example.com</c>.</summary>
    public string? Authority { get; set; }

    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <summary>What the button says.</summary>
    public string DisplayName { get; set; } = "OpenID Connect";

    public bool IsConfigured => !string.IsNullOrWhiteSpace(Authority);
}

internal sealed class ConsoleOptionsValidation : IValidateOptions<ConsoleOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsoleOptions options)
    {
        List<string> errors = [];
        if (options.SignInsPerMinute < 1)
        {
            errors.Add("Console:SignInsPerMinute has to be a number from 1 on.");
        }

        if (options.ApiUrl is { } api && (!api.IsAbsoluteUri || api.Scheme is not ("https" or "http") || api.Query.Length > 0 || api.Fragment.Length > 0 || api.UserInfo.Length > 0))
        {
            errors.Add("Console:ApiUrl must be an address without user and query, such as https://api.example.com.");
        }

        var openId = options.OpenIdConnect;
        if (openId.IsConfigured && (!Uri.TryCreate(openId.Authority, UriKind.Absolute, out var authority) || authority.Scheme is not ("https" or "http") || authority.UserInfo.Length > 0))
        {
            errors.Add("Console:OpenIdConnect:Authority must be an address without a user, such as https://login.example.com.");
        }

        if (openId.IsConfigured && string.IsNullOrWhiteSpace(openId.ClientId))
        {
            errors.Add("Console:OpenIdConnect:ClientId has to be set where Console:OpenIdConnect:Authority is.");
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }
}
