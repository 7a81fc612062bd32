using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>Who is looking at the console, and at which account. Read from the database for every request; a page finds it in the claims.</summary>
/// <param name="Language">A culture; null follows the browser.</param>
/// <param name="Theme"><c>light</c> or <c>dark</c>; null follows the system.</param>
/// <param name="Account">The account that is looked at; null if the user has none.</param>
internal sealed record SignedInUser(Guid Id, Guid SessionId, string Email, bool IsAdministrator, string? Language, string? Theme, CurrentAccount? Account)
{
    public const string AdministratorRole = "administrator";
    public const string SessionClaim = "session";
    public const string StampClaim = "stamp";

    private const string LanguageClaim = "language";
    private const string ThemeClaim = "theme";
    private const string AccountClaim = "account";
    private const string AccountNameClaim = "account_name";
    private const string AccountRoleClaim = "account_role";
    private const string ConfirmedClaim = "confirmed";

    /// <summary>True if the user has given the password or a passkey again within the last minutes: changes of how to sign in need it.</summary>
    public bool IsConfirmed { get; init; }

    public Actor Actor => Actor.User(Id);

    /// <summary>True if the user may do what needs a role in the account that is looked at; for what to show, not for what to allow.</summary>
    public bool Can(AccountRole role) => IsAdministrator || Account?.Role >= role;

    /// <param name="stamp">The security stamp that the cookie was made with.</param>
    public ClaimsPrincipal ToPrincipal(string stamp)
    {
        List<Claim> claims =
        [
            new(ClaimTypes.NameIdentifier, Id.ToString()),
            new(ClaimTypes.Name, Email),
            new(SessionClaim, SessionId.ToString()),
            new(StampClaim, stamp),
        ];
        Add(claims, ClaimTypes.Role, IsAdministrator ? AdministratorRole : null);
        Add(claims, LanguageClaim, Language);
        Add(claims, ThemeClaim, Theme);
        Add(claims, ConfirmedClaim, IsConfirmed ? "true" : null);
        Add(claims, AccountClaim, Account?.Id.ToString());
        Add(claims, AccountNameClaim, Account?.Name);
        Add(claims, AccountRoleClaim, Account?.Role.ToString());
        return new ClaimsPrincipal(new ClaimsIdentity(claims, IdentityConstants.ApplicationScheme));
    }

    /// <summary>False if nobody is signed in.</summary>
    public static bool TryRead(ClaimsPrincipal? principal, [NotNullWhen(true)] out SignedInUser? user)
    {
        user = null;
        if (principal?.Identity?.AuthenticationType != IdentityConstants.ApplicationScheme
            || !Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            || !Guid.TryParse(principal.FindFirstValue(SessionClaim), out var sessionId))
        {
            return false;
        }

        user = new SignedInUser(
            id,
            sessionId,
            principal.FindFirstValue(ClaimTypes.Name) ?? "",
            principal.IsInRole(AdministratorRole),
            principal.FindFirstValue(LanguageClaim),
            principal.FindFirstValue(ThemeClaim),
            ReadAccount(principal))
        {
            IsConfirmed = principal.HasClaim(static claim => claim.Type == ConfirmedClaim),
        };
        return true;
    }

    private static CurrentAccount? ReadAccount(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirstValue(AccountClaim), out var id) && Enum.TryParse<AccountRole>(principal.FindFirstValue(AccountRoleClaim), out var role)
            ? new CurrentAccount(id, principal.FindFirstValue(AccountNameClaim) ?? "", role)
            : null;

    private static void Add(List<Claim> claims, string type, string? value)
    {
        if (value is not null)
        {
            claims.Add(new Claim(type, value));
        }
    }
}

/// <summary>An account as the one who is looking at it may use it.</summary>
internal sealed record CurrentAccount(Guid Id, string Name, AccountRole Role);
