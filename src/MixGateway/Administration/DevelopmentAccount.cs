using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration.Memory;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>
/// What a developer needs for the first call: an account with credit, a key for this run, an administrator's token.
/// Made beside the rest of the start. Development only: in Production nothing is made by itself and nothing secret is printed.
/// </summary>
internal sealed class DevelopmentAccount(
    IDbContextFactory<GatewayDbContext> databases, Accounts accounts, Ledger ledger, Keys keys, TimeProvider time, IConfiguration configuration) : IHostedLifecycleService
{
    private const string Name = "Development";
    private const string AdminTokenKey = "Bootstrap:AdminToken";
    private static readonly Actor Self = Actor.OfService("development");
    private static readonly Money StartingCredit = new(100 * Money.NanosPerUnit);

    /// <summary>Keys cannot be shown twice, so each start makes one; after a week it expires by itself.</summary>
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(7);

    private readonly TaskCompletionSource<Guid> _account = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _making = Task.CompletedTask;

    /// <summary>The key that this run prints; there once the host has started.</summary>
    public string Key { get; private set; } = "";

    /// <summary>The account that <see cref="Key"/> belongs to, as soon as it is there; cancelled if it cannot be made.</summary>
    public Task<Guid> Account => _account.Task;

    public string AdminToken => configuration[AdminTokenKey] ?? "";

    /// <summary>Gives Development a token of its own where none is configured, and registers the account.</summary>
    public static void AddTo(WebApplicationBuilder builder)
    {
        if (!builder.Environment.IsDevelopment())
        {
            return;
        }

        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [new(AdminTokenKey, RandomNumberGenerator.GetHexString(32, lowercase: true))],
        });
        builder.Services.AddSingleton<DevelopmentAccount>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<DevelopmentAccount>());
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _making = MakeAsync(cancellationToken);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => _making;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            var id = await FindAsync(cancellationToken) ?? await CreateAsync();
            _account.SetResult(id);
            var created = await keys.CreateAsync(Self, id, new KeyPolicy("Development run", time.GetUtcNow().UtcDateTime + KeyLifetime));
            Key = ValueOf(created).Secret;
        }
        finally
        {
            // Whoever waits for the account waits no longer than for this.
            _account.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task<Guid?> FindAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Accounts.Where(static account => account.Name == Name).OrderBy(static account => account.Id)
            .Select(static account => (Guid?)account.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task<Guid> CreateAsync()
    {
        var account = ValueOf(await accounts.CreateAsync(Self, Name));
        ValueOf(await ledger.CreditAsync(Self, account.Id, new Credit(StartingCredit, "To try the gateway with", "development", Force: false)));
        return account.Id;
    }

    /// <summary>Nothing here depends on what anybody typed: a refusal is a bug.</summary>
    private static T ValueOf<T>(Outcome<T> outcome)
        where T : class =>
        outcome.IsRefused(out var refusal, out var value) ? throw new InvalidOperationException(refusal.Detail) : value;
}
