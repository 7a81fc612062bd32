using System.Globalization;
using Microsoft.AspNetCore.Identity;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>Codes of an authenticator app as ASP.NET Core Identity checks them, and each counts once: who looks over a shoulder comes too late.</summary>
internal sealed class OnceOnlyAuthenticator(SpentCodes spent) : AuthenticatorTokenProvider<UserRow>
{
    /// <summary>Identity takes codes of two steps of 30 s before and after.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5 * 30);

    /// <inheritdoc/>
    public override async Task<bool> ValidateAsync(string purpose, string token, UserManager<UserRow> manager, UserRow user) =>
        await base.ValidateAsync(purpose, token, manager, user)
        && int.TryParse(token, CultureInfo.InvariantCulture, out var code)
        && await spent.TrySpendAsync(user.Id, "totp", code.ToString("D6", CultureInfo.InvariantCulture), Window);
}
