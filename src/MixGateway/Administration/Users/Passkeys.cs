using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>A passkey as its user sees it.</summary>
/// <param name="IsSynced">True if a password manager keeps it for all of the user's devices.</param>
internal sealed record Passkey(string Id, string Name, DateTime CreatedAt, bool IsSynced);

/// <summary>What a browser is asked, and what has to come back with its answer.</summary>
/// <param name="Options">WebAuthn's options as JSON.</param>
/// <param name="State">The challenge, which only the gateway can read; good for one answer and for some minutes.</param>
internal sealed record PasskeyChallenge(string Options, string State);

/// <summary>How the registration of a passkey ended.</summary>
internal enum PasskeyAddition
{
    Added,

    /// <summary>The challenge is too old, was used, or is another user's.</summary>
    Expired,

    /// <summary>The browser's answer does not fit.</summary>
    Refused,

    /// <summary>The user has as many as anybody may have.</summary>
    TooMany,

    /// <summary>The name is too long, or no line of text.</summary>
    BadName,
}

/// <summary>
/// Passkeys, by ASP.NET Core Identity's handler. The challenge goes along with the form, sealed, and not in a cookie: so any replica can
/// check the answer, and two tabs do not take it from each other or from a second step that is under way.
/// </summary>
internal sealed partial class Passkeys(
    IPasskeyHandler<UserRow> handler,
    UserManager<UserRow> users,
    SessionSignInManager signIn,
    SpentCodes spent,
    IDataProtectionProvider protection,
    IOptions<IdentityPasskeyOptions> options,
    IDbContextFactory<GatewayDbContext> databases,
    TimeProvider time,
    ILogger<Passkeys> logger)
{
    public const int MaxCount = 20;

    private const string SignInPurpose = "sign-in";
    private static readonly TimeSpan ChallengeLifetime = TimeSpan.FromMinutes(10);

    /// <summary>The domain that passkeys are made for: browsers offer them there and nowhere else.</summary>
    public string Domain => options.Value.ServerDomain ?? signIn.Context.Request.Host.Host;

    public async Task<IReadOnlyList<Passkey>> ListAsync(Guid userId)
    {
        var passkeys = await users.GetPasskeysAsync(await UserAsync(userId));
        return [.. passkeys.OrderBy(static passkey => passkey.CreatedAt).Select(static passkey => new Passkey(
            Base64Url.EncodeToString(passkey.CredentialId), passkey.Name ?? "", passkey.CreatedAt.UtcDateTime, passkey.IsBackedUp))];
    }

    /// <summary>Asks a browser for a new passkey of a user.</summary>
    public async Task<PasskeyChallenge> StartAddingAsync(Guid userId)
    {
        var user = await UserAsync(userId);
        var made = await handler.MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = user.Id.ToString(), Name = user.Email ?? "", DisplayName = user.Email ?? "" }, signIn.Context);
        return new PasskeyChallenge(made.CreationOptionsJson, Seal(AddPurpose(userId), made.AttestationState));
    }

    /// <param name="answer">The browser's, as JSON.</param>
    public async Task<PasskeyAddition> AddAsync(Guid userId, string? answer, string? state, string name)
    {
        var user = await UserAsync(userId);
        var errors = new FieldErrors();
        errors.CheckLine("name", name, TextRules.MaxNameLength);
        if (errors.Any)
        {
            return PasskeyAddition.BadName;
        }

        if ((await users.GetPasskeysAsync(user)).Count >= MaxCount)
        {
            return PasskeyAddition.TooMany;
        }

        if (Open(AddPurpose(userId), state) is not { } challenge)
        {
            return PasskeyAddition.Expired;
        }

        var result = await handler.PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = signIn.Context, CredentialJson = answer ?? "", AttestationState = challenge });
        if (!result.Succeeded)
        {
            Log.Refused(logger, result.Failure);
            return PasskeyAddition.Refused;
        }

        if (!await SpendAsync(userId, challenge))
        {
            return PasskeyAddition.Expired;
        }

        result.Passkey.Name = name.Trim();
        return await StoreAsync(user, "user.passkey-add", result.Passkey) ? PasskeyAddition.Added : PasskeyAddition.Refused;
    }

    /// <returns>False if the user has no such passkey, or the name is no line of text.</returns>
    public async Task<bool> RenameAsync(Guid userId, string id, string name)
    {
        var errors = new FieldErrors();
        errors.CheckLine("name", name, TextRules.MaxNameLength);
        if (errors.Any || await FindAsync(userId, id) is not var (user, passkey))
        {
            return false;
        }

        passkey.Name = name.Trim();
        return await StoreAsync(user, "user.passkey-rename", passkey);
    }

    /// <returns>False if the user has no such passkey, or no other way to sign in.</returns>
    public async Task<bool> RemoveAsync(Guid userId, string id)
    {
        if (await FindAsync(userId, id) is not var (user, passkey) || !await HasAnotherWayInAsync(user))
        {
            return false;
        }

        await users.RemovePasskeyAsync(user, passkey.CredentialId);
        await AuditAsync(userId, "user.passkey-remove", before: new { passkey.Name }, after: null);
        return true;
    }

    /// <summary>Asks a browser for any passkey it has of this gateway; whose it is, its answer says.</summary>
    public async Task<PasskeyChallenge> StartSignInAsync()
    {
        var made = await handler.MakeRequestOptionsAsync(user: null, signIn.Context);
        return new PasskeyChallenge(made.RequestOptionsJson, Seal(SignInPurpose, made.AssertionState));
    }

    /// <summary>Signs in whoever the browser's answer proves to be.</summary>
    public async Task<SignInResult> SignInAsync(string? answer, string? state, bool isPersistent) =>
        await AssertAsync(answer, state) is var (user, passkey) ? await signIn.PasskeySignInAsync(user, passkey, isPersistent) : SignInResult.Failed;

    /// <summary>True if the browser's answer proves that it is this user, who is signed in already.</summary>
    public async Task<bool> VerifyAsync(Guid userId, string? answer, string? state) =>
        await AssertAsync(answer, state) is { } proven && proven.User.Id == userId && (await users.AddOrUpdatePasskeyAsync(proven.User, proven.Passkey)).Succeeded;

    /// <summary>Whom the browser's answer proves; null if it proves nobody, or was used before.</summary>
    private async Task<(UserRow User, UserPasskeyInfo Passkey)?> AssertAsync(string? answer, string? state)
    {
        if (Open(SignInPurpose, state) is not { } challenge)
        {
            return null;
        }

        var result = await handler.PerformAssertionAsync(
            new PasskeyAssertionContext { HttpContext = signIn.Context, CredentialJson = answer ?? "", AssertionState = challenge });
        if (!result.Succeeded)
        {
            Log.Refused(logger, result.Failure);
            return null;
        }

        return await SpendAsync(result.User.Id, challenge) ? (result.User, result.Passkey) : null;
    }

    private async Task<bool> HasAnotherWayInAsync(UserRow user) =>
        await users.HasPasswordAsync(user) || (await users.GetLoginsAsync(user)).Count > 0 || (await users.GetPasskeysAsync(user)).Count > 1;

    private async Task<(UserRow User, UserPasskeyInfo Passkey)?> FindAsync(Guid userId, string id)
    {
        if (!Base64Url.IsValid(id))
        {
            return null;
        }

        var user = await UserAsync(userId);
        return await users.GetPasskeyAsync(user, Base64Url.DecodeFromChars(id)) is { } passkey ? (user, passkey) : null;
    }

    private async Task<UserRow> UserAsync(Guid userId) =>
        await users.FindByIdAsync(userId.ToString()) ?? throw new InvalidOperationException("The user of a session exists.");

    private async Task<bool> StoreAsync(UserRow user, string action, UserPasskeyInfo passkey)
    {
        var stored = (await users.AddOrUpdatePasskeyAsync(user, passkey)).Succeeded;
        if (stored)
        {
            await AuditAsync(user.Id, action, before: null, after: new { passkey.Name });
        }

        return stored;
    }

    private async Task AuditAsync(Guid userId, string action, object? before, object? after)
    {
        await using var database = await databases.CreateDbContextAsync();
        database.AuditEntries.Add(AuditEntry.Of(Actor.User(userId), time.Now(), action, userId, before, after));
        await database.SaveChangesAsync();
    }

    private Task<bool> SpendAsync(Guid userId, string challenge) =>
        spent.TrySpendAsync(userId, "passkey", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(challenge))), ChallengeLifetime);

    private static string AddPurpose(Guid userId) => $"add:{userId}";

    private ITimeLimitedDataProtector Sealer(string purpose) => protection.CreateProtector("MixGateway.Passkeys", purpose).ToTimeLimitedDataProtector();

    private string Seal(string purpose, string? challenge) => Sealer(purpose).Protect(challenge ?? "", ChallengeLifetime);

    /// <summary>Null if it is not ours, of another purpose or too old.</summary>
    private string? Open(string purpose, string? state)
    {
        try
        {
            return string.IsNullOrEmpty(state) ? null : Sealer(purpose).Unprotect(state);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "PasskeyRefused", Level = LogLevel.Information, Message = "A passkey was refused. If all are: does Console:PublicUrl name the address that people use?")]
        public static partial void Refused(ILogger logger, Exception exception);
    }
}
