using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using MimeKit;
using MixGateway.IntegrationTests.Fixtures;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace MixGateway.IntegrationTests.Console;

/// <summary>A mail as it arrived.</summary>
/// <param name="To">Whom the envelope names, which is who gets it, whatever the header says.</param>
internal sealed partial record ReceivedMail(IReadOnlyList<string> To, MimeMessage Message, bool IsSecure, string? SignedInAs)
{
    public string Text => Message.TextBody ?? "";

    public Uri Link => new(Address().Match(Text).Value);

    [GeneratedRegex(@"https?://\S+")]
    private static partial Regex Address();
}

/// <summary>A real mail server on a port of loopback, which keeps what it is given.</summary>
internal sealed class MailServer : MessageStore, IAsyncDisposable
{
    public const string UserName = "gateway";
    public const string Password = "smtp-secret-0123456789";

    private readonly ConcurrentQueue<ReceivedMail> _mails = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private MailServer(int port, X509Certificate2? certificate, bool isSecure)
    {
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, port)).IsSecure(isSecure).AllowUnsecureAuthentication(false);
            if (certificate is not null)
            {
                endpoint.Certificate(certificate).AuthenticationRequired();
            }
        });
        var services = new ServiceProvider();
        services.Add((IMessageStore)this);
        services.Add((IUserAuthenticator)new DelegatingUserAuthenticator(static (user, password) => (user, password) == (UserName, Password)));
        _running = new SmtpServer.SmtpServer(options.Build(), services).StartAsync(_stop.Token);
    }

    /// <param name="certificate">With one it offers TLS and wants to know who sends.</param>
    /// <param name="isSecure">Speaks TLS from the first byte on.</param>
    public static MailServer Start(int port, X509Certificate2? certificate = null, bool isSecure = false) => new(port, certificate, isSecure);

    public IReadOnlyList<ReceivedMail> All => [.. _mails];

    /// <summary>The latest mail to somebody; waits until there is one.</summary>
    public async Task<ReceivedMail> LatestAsync(string to) =>
        await Eventually.GetAsync(() => Task.FromResult(_mails.LastOrDefault(mail => mail.To.Contains(to))), $"a mail to {to}");

    public override async Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(buffer.ToArray());
        var message = await MimeMessage.LoadAsync(stream, cancellationToken);
        var user = context.Authentication.IsAuthenticated ? context.Authentication.User : null;
        _mails.Enqueue(new ReceivedMail([.. transaction.To.Select(static to => $"{to.User}@{to.Host}")], message, context.Pipe.IsSecure, user));
        return SmtpResponse.Ok;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
