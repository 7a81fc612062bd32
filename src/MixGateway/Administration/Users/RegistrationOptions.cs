using Microsoft.Extensions.Options;
using MixGateway.Administration.Mail;
using MixGateway.Billing;

namespace MixGateway.Administration.Users;

/// <summary>Who may register.</summary>
internal enum RegistrationMode
{
    /// <summary>Anybody.</summary>
    Open,

    /// <summary>Who has the link of an invitation.</summary>
    Invitation,

    /// <summary>Who has the link of an administrator's invitation; those of accounts' owners let in only people who are users already.</summary>
    Closed,
}

/// <summary>How people become users; a part of the section <c>Console</c>.</summary>
internal sealed class RegistrationOptions
{
    public const string Section = "Console";

    public RegistrationMode Registration { get; set; } = RegistrationMode.Open;

    /// <summary>Given once to a new account when its owner's address is confirmed; a decimal of the billing currency. Null or 0 is nothing.</summary>
    public string? SignUpCredit { get; set; }

    /// <summary>Where people reach the console, such as <c>https://ai.example.com</c>: scheme and host of its links, in mails as well; with https its cookies are for TLS alone.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary><see cref="SignUpCredit"/> as an amount.</summary>
    public Money Credit => SignUpCredit is { Length: > 0 } text ? Money.Parse(text) : Money.Zero;
}

internal sealed class RegistrationOptionsValidation(IOptions<SmtpOptions> smtp) : IValidateOptions<RegistrationOptions>
{
    public ValidateOptionsResult Validate(string? name, RegistrationOptions options)
    {
        List<string> errors = [];
        if (options.SignUpCredit is { Length: > 0 } credit && (!Money.TryParse(credit, out var amount) || amount < Money.Zero || amount > Administration.Credit.MaxAmount))
        {
            errors.Add($"Console:SignUpCredit has to be a decimal from 0 to {Administration.Credit.MaxAmount} with at most 9 decimals, such as 0.5.");
        }

        if (options.SignUpCredit is { Length: > 0 } && !smtp.Value.IsConfigured)
        {
            errors.Add("Console:SignUpCredit is given when an address is confirmed, and mails cannot be sent: set Smtp:Host as well, or leave it out.");
        }

        if (options.PublicUrl is { } url && (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.UserInfo.Length > 0))
        {
            errors.Add("Console:PublicUrl must be an address without a user, such as https://ai.example.com.");
        }
        else if (options.PublicUrl is { PathAndQuery: not "/" } or { Fragment.Length: > 0 })
        {
            errors.Add("Console:PublicUrl must not have a path: the console works only at the root of a host. Give it a host of its own, such as https://ai.example.com. (The API may be below a path: Console:ApiUrl.)");
        }

        if (options.PublicUrl is null && smtp.Value.IsConfigured)
        {
            errors.Add("Console:PublicUrl has to be set where Smtp:Host is: links in mails begin with it.");
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }
}
