using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration.Forms;

/// <summary>A form as it was sent.</summary>
/// <param name="Id">Its own, made with the page: sent again, it is the same one.</param>
/// <param name="Owner">The session that sent it, or <see cref="Guest"/>; nobody else is shown the page that answers.</param>
internal sealed record SentForm(Guid Id, string Owner)
{
    public const string Guest = "guest";
}

/// <summary>What is known of a form that was sent before.</summary>
/// <param name="Location">Where its answer leads; null while it is being worked on.</param>
/// <param name="HasPage">True if the page that answers it was not shown yet.</param>
internal sealed record FormAnswer(string? Location, bool HasPage);

/// <summary>
/// Sees to it that a form counts once, whichever replicas get it and however often, and hands the page that answers it over to the request that
/// follows: once, within minutes, and encrypted meanwhile, because a page may show a key or codes.
/// </summary>
internal sealed class SentForms(IDbContextFactory<GatewayDbContext> databases, IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>Where the answer of a form leads that failed: nobody knows how far it came.</summary>
    public const string Unknown = "";

    /// <summary>A form can be sent for so long after its page was made. For as long it is known that it was.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>A page that nobody has come for by then is not shown any more.</summary>
    public static readonly TimeSpan PageLifetime = TimeSpan.FromMinutes(5);

    /// <summary>The id of a form that is about to be shown; it tells when that was.</summary>
    public Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());

    /// <summary>False for a form whose page is too old, or from a clock that is far ahead.</summary>
    public bool IsFresh(Guid id)
    {
        // RFC 9562 §5.7: the first 48 bits are milliseconds.
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = 0L;
        foreach (var part in bytes[..6])
        {
            milliseconds = (milliseconds << 8) | part;
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return milliseconds <= now + Lifetime.TotalMilliseconds && milliseconds > now - Lifetime.TotalMilliseconds;
    }

    /// <returns>False if the form was sent before.</returns>
    public async Task<bool> TryBeginAsync(SentForm form)
    {
        var now = time.Now();
        var (id, until) = (KeyOf(form), now + (2 * Lifetime));
        await using var database = await databases.CreateDbContextAsync();
        await database.SentForms.Where(old => old.ExpiresAt < now).ExecuteDeleteAsync();
        return await database.Database.ExecuteSqlAsync($"INSERT INTO sent_forms (id, expires_at) VALUES ({id}, {until}) ON CONFLICT DO NOTHING") == 1;
    }

    /// <param name="location">Where the answer leads; <see cref="Unknown"/> if there is none.</param>
    /// <param name="page">What is shown there once; null if it is an ordinary page.</param>
    public async Task FinishAsync(SentForm form, string location, byte[]? page = null)
    {
        var id = KeyOf(form);
        var sealedPage = page is null ? null : Sealer(form).Protect(page, PageLifetime);
        await using var database = await databases.CreateDbContextAsync();
        await database.SentForms.Where(row => row.Id == id).ExecuteUpdateAsync(row => row.SetProperty(sent => sent.Location, location).SetProperty(sent => sent.Page, sealedPage));
    }

    /// <summary>What came of a form that was sent before.</summary>
    public async Task<FormAnswer?> FindAsync(SentForm form)
    {
        var id = KeyOf(form);
        await using var database = await databases.CreateDbContextAsync();
        return await database.SentForms.Where(row => row.Id == id).Select(row => new FormAnswer(row.Location, row.Page != null)).SingleOrDefaultAsync();
    }

    /// <summary>The page that answers a form, for the first who asks for it.</summary>
    /// <returns>Null if it was shown, is too old, or is another session's.</returns>
    public async Task<byte[]?> TakePageAsync(SentForm form)
    {
        var id = KeyOf(form);
        await using var database = await databases.CreateDbContextAsync();
        if (await database.SentForms.Where(row => row.Id == id).Select(row => row.Page).SingleOrDefaultAsync() is not { } page
            || await database.SentForms.Where(row => row.Id == id && row.Page != null).ExecuteUpdateAsync(row => row.SetProperty(sent => sent.Page, (byte[]?)null)) == 0)
        {
            return null;
        }

        try
        {
            return Sealer(form).Unprotect(page);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private ITimeLimitedDataProtector Sealer(SentForm form) => protection.CreateProtector("MixGateway.Forms", form.Owner).ToTimeLimitedDataProtector();

    private static byte[] KeyOf(SentForm form) => SHA256.HashData(Encoding.UTF8.GetBytes($"{form.Id:N}/{form.Owner}"));
}
