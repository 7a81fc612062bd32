using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace MixGateway.Administration.Users;

/// <summary>Addresses of the console that are given to people, and the codes in them.</summary>
internal sealed class ConsoleLinks(IOptions<RegistrationOptions> options)
{
    private const string Root = "/dashboard/";

    public Uri ForgotPassword => To("forgot-password");

    public Uri Invitation(string secret) => To(InvitationPath(secret));

    /// <summary>For mails, which are sent only where <c>Console:PublicUrl</c> is set: never the request's own host, which anybody can choose.</summary>
    public Uri To(string path) => new(options.Value.PublicUrl!, Root + path);

    /// <summary>For an administrator to pass on: where <c>Console:PublicUrl</c> is not set, below the address of the administrator's own browser.</summary>
    public Uri ToPassOn(string path, string browserBase) => new(options.Value.PublicUrl ?? new Uri(browserBase), Root + path);

    public static string InvitationPath(string secret) => $"invitation?code={secret}";

    /// <param name="page">Such as <c>confirm-email</c>.</param>
    public static string UserPath(string page, Guid userId, string token) => $"{page}?user={userId}&code={WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(token))}";

    /// <summary>Null if the code is none of <see cref="UserPath"/>.</summary>
    public static string? Token(string? code)
    {
        try
        {
            return code is null ? null : Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(code));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
