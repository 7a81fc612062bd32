using MimeKit;

namespace MixGateway.Administration.Mail;

/// <summary>What counts as an e-mail address.</summary>
internal static class EmailAddress
{
    /// <summary>RFC 5321 §4.5.3.1.3, without the brackets.</summary>
    public const int MaxLength = 254;

    /// <summary>
    /// True for one address and nothing else: a name, a comment or a second address around it would be another user with the same mailbox, and
    /// a line break would be the end of a mail's header.
    /// </summary>
    public static bool IsValid(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.Any(char.IsControl)
        && MailboxAddress.TryParse(text, out var mailbox) && mailbox.Address == text && text.LastIndexOf('@') is > 0 and var at && at < text.Length - 1;
}
