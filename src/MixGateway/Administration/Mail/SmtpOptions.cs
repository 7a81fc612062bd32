using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace MixGateway.Administration.Mail;

/// <summary>How mails are sent; section <c>Smtp</c>. Without a host none are, and what needs them says how to do without.</summary>
internal sealed class SmtpOptions
{
    public const string Section = "Smtp";

    public string? Host { get; set; }

    public int Port { get; set; } = 587;

    public string? UserName { get; set; }

    public string? Password { get; set; }

    /// <summary>The sender, such as <c>MixGateway &lt;gateway@example.com&gt;</c>.</summary>
    public string? From { get; set; }

    /// <summary>Auto, None, SslOnConnect, StartTls or StartTlsWhenAvailable.</summary>
    public SecureSocketOptions Security { get; set; } = SecureSocketOptions.Auto;

    /// <summary>False takes a certificate whose authority tells nobody what it has revoked, as private ones do.</summary>
    public bool CheckCertificateRevocation { get; set; } = true;

    /// <summary>Mails of one kind that an address gets within an hour because people ask for them: links to set a password, to confirm, to join.</summary>
    public int MailsPerHour { get; set; } = 5;

    public bool IsConfigured => !string.IsNullOrWhiteSpace(Host);
}

internal sealed class SmtpOptionsValidation : IValidateOptions<SmtpOptions>
{
    public ValidateOptionsResult Validate(string? name, SmtpOptions options)
    {
        List<string> errors = [];
        if (options.MailsPerHour < 1)
        {
            errors.Add("Smtp:MailsPerHour must be 1 or more.");
        }

        if (!options.IsConfigured)
        {
            return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
        }

        if (!MailboxAddress.TryParse(options.From, out _))
        {
            errors.Add("Smtp:From has to be the sender's address where Smtp:Host is set, such as MixGateway <gateway@example.com>.");
        }

        if (options.Port is < 1 or > ushort.MaxValue)
        {
            errors.Add("Smtp:Port has to be a number from 1 to 65535.");
        }

        if (string.IsNullOrEmpty(options.UserName) != string.IsNullOrEmpty(options.Password))
        {
            errors.Add("Smtp:UserName and Smtp:Password belong together: set both or none.");
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }
}
