using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace MixGateway.Administration.Mail;

/// <summary>A mail as text; nothing here needs more.</summary>
internal sealed record MailText(string Subject, string Body);

/// <summary>Sends mails by the server that is configured.</summary>
internal sealed partial class Mailer(IOptions<SmtpOptions> options, ILogger<Mailer> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>False where no server is configured.</summary>
    public bool IsConfigured => options.Value.IsConfigured;

    /// <returns>False if the mail could not be handed over; the log says why.</returns>
    public async Task<bool> SendAsync(string to, MailText text)
    {
        if (!IsConfigured || !MailboxAddress.TryParse(to, out var recipient))
        {
            return false;
        }

        using var message = new MimeMessage { Subject = text.Subject, Body = new TextPart("plain") { Text = text.Body } };
        message.From.Add(MailboxAddress.Parse(options.Value.From!));
        message.To.Add(recipient);
        return await ConnectAsync((client, cancellationToken) => client.SendAsync(message, cancellationToken));
    }

    /// <summary>Asks the server for nothing.</summary>
    /// <returns>False if a mail could not be handed over now; the log says why.</returns>
    public async Task<bool> TryAsync() => IsConfigured && await ConnectAsync(static (client, cancellationToken) => client.NoOpAsync(cancellationToken));

    private async Task<bool> ConnectAsync(Func<SmtpClient, CancellationToken, Task> use)
    {
        var settings = options.Value;
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            using var client = new SmtpClient { CheckCertificateRevocation = settings.CheckCertificateRevocation };
            await client.ConnectAsync(settings.Host!, settings.Port, settings.Security, limit.Token);
            if (settings.UserName is { Length: > 0 } user)
            {
                await client.AuthenticateAsync(user, settings.Password!, limit.Token);
            }

            await use(client, limit.Token);
            await client.DisconnectAsync(quit: true, limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or IOException or ProtocolException or CommandException or AuthenticationException or SslHandshakeException or OperationCanceledException)
        {
            Log.NotSent(logger, exception);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "MailNotSent", Level = LogLevel.Error, Message = "A mail could not be sent. Look at Smtp:Host, Smtp:Port, Smtp:Security, Smtp:UserName and Smtp:Password.")]
        public static partial void NotSent(ILogger logger, Exception exception);
    }
}
