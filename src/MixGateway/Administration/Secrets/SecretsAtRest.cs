using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using MixGateway.Administration.Users;
using MixGateway.Storage;

namespace MixGateway.Administration.Secrets;

/// <summary>
/// At every start, before anybody is let in: makes sure that this gateway can read the secrets of the database, and encrypts those that lie in
/// the clear or under a previous master key. Replicas may do this at the same time: a row that another one has changed is left alone.
/// </summary>
internal sealed partial class SecretsAtRest(
    IDbContextFactory<GatewayDbContext> databases, SecretBox box, IServiceProvider services, TimeProvider time, ILogger<SecretsAtRest> logger) : IHostedLifecycleService
{
    /// <summary>The framework's own rule: until then every replica knows of the new key.</summary>
    private static readonly TimeSpan Propagation = TimeSpan.FromDays(2);

    private static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(90);

    /// <summary>After the migration of the database, which the storage has registered before.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var (keys, wereReadable) = await RenewKeyRingAsync(database, cancellationToken);
        var tokens = await RenewTokensAsync(database, cancellationToken);
        if (!box.CanSeal)
        {
            Log.InTheClear(logger);
        }
        else if (wereReadable)
        {
            // What was readable may be known. It goes on opening what it made, so that nobody is signed out; new cookies get a key that never was.
            var now = time.GetUtcNow();
            services.GetRequiredService<IKeyManager>().CreateNewKey(now + Propagation, now + Propagation + KeyLifetime);
        }

        if (keys + tokens > 0)
        {
            Log.Renewed(logger, keys, tokens);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<(int Renewed, bool WereReadable)> RenewKeyRingAsync(GatewayDbContext database, CancellationToken cancellationToken)
    {
        var (renewed, wereReadable) = (0, false);
        foreach (var row in await database.DataProtectionKeys.AsNoTracking().ToListAsync(cancellationToken))
        {
            var key = XElement.Parse(row.Xml!);
            RefuseStrange(KeyRing.SealedParts(key));
            wereReadable |= KeyRing.IsReadable(key);
            if (box.CanSeal && KeyRing.Renew(box, key))
            {
                var text = key.ToString(SaveOptions.DisableFormatting);
                renewed += await database.DataProtectionKeys.Where(other => other.Id == row.Id && other.Xml == row.Xml)
                    .ExecuteUpdateAsync(update => update.SetProperty(changed => changed.Xml, text), cancellationToken);
            }
        }

        return (renewed, wereReadable);
    }

    private async Task<int> RenewTokensAsync(GatewayDbContext database, CancellationToken cancellationToken)
    {
        var renewed = 0;
        var tokens = database.Set<IdentityUserToken<Guid>>();
        foreach (var row in await tokens.AsNoTracking().Where(static token => token.LoginProvider == UserSecrets.Provider && token.Value != null).ToListAsync(cancellationToken))
        {
            if (SecretBox.IsSealed(row.Value))
            {
                RefuseStrange([row.Value!]);
            }

            if (UserSecrets.Renew(box, row) is { } value)
            {
                renewed += await tokens.Where(other => other.UserId == row.UserId && other.LoginProvider == row.LoginProvider && other.Name == row.Name && other.Value == row.Value)
                    .ExecuteUpdateAsync(update => update.SetProperty(changed => changed.Value, value), cancellationToken);
            }
        }

        return renewed;
    }

    private void RefuseStrange(IEnumerable<string> texts)
    {
        if (!texts.All(box.CanOpen))
        {
            throw new DatabaseRefusedException(
                $"The database holds secrets that are encrypted with another master key. Set Security:MasterKey (or the file {MasterKeys.FileName} in {DataFolder.Key}) to that key, or add it to Security:PreviousMasterKeys. " +
                "If it is lost, see \"Lost master key\" in docs/operations.md.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "SecretsInTheClear", Level = LogLevel.Warning, Message = "Security:MasterKey is not set, so whoever can read the database can sign in as anybody. Set it to the output of openssl rand -hex 32, the same on every replica, or run deploy/create-secrets.sh: the next start encrypts what is there.")]
        public static partial void InTheClear(ILogger logger);

        [LoggerMessage(EventName = "SecretsEncrypted", Level = LogLevel.Information, Message = "Secrets in the database were encrypted with the current master key: {Keys} keys of cookies and links, {Tokens} authenticator secrets and lists of recovery codes.")]
        public static partial void Renewed(ILogger logger, int keys, int tokens);
    }
}
