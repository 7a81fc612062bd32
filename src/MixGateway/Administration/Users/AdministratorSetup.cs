using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>
/// Makes the console's first administrator: from <c>Bootstrap:AdminEmail</c> and <c>Bootstrap:AdminPassword</c>, in Development with
/// a password of its own that is printed once. Beside the rest of the start, because hashing a password takes its time.
/// </summary>
internal sealed partial class AdministratorSetup(
    IServiceScopeFactory scopes,
    IOptions<AdministrationOptions> options,
    IHostEnvironment environment,
    IServiceProvider services,
    ILogger<AdministratorSetup> logger) : IHostedLifecycleService
{
    private const string DevelopmentEmail = "admin@localhost";
    private Task _setup = Task.CompletedTask;

    /// <summary>The password that this start made up; null if it did not.</summary>
    public string? NewPassword { get; private set; }

    /// <summary>The administrator that this start made; null if there was one.</summary>
    public string? NewEmail { get; private set; }

    /// <summary>After the migration of the database, which the storage has registered before.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _setup = Task.Run(SetUpAsync, cancellationToken);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => _setup;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SetUpAsync()
    {
        var (email, password) = (options.Value.AdminEmail, options.Value.AdminPassword);
        if (string.IsNullOrEmpty(email) && environment.IsDevelopment())
        {
            (email, password) = (DevelopmentEmail, RandomNumberGenerator.GetHexString(16, lowercase: true));
            NewPassword = password;
        }

        if (string.IsNullOrEmpty(email))
        {
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<GatewayDbContext>();
        if (await database.Users.AnyAsync(static user => user.IsAdministrator))
        {
            NewPassword = null;
            return;
        }

        await CreateAsync(scope.ServiceProvider, email, password!);
    }

    private async Task CreateAsync(IServiceProvider scope, string email, string password)
    {
        var (user, codes) = await scope.GetRequiredService<Registration>().CreateAsync(email, password, language: null, isAdministrator: true);
        if (user is null)
        {
            // Another replica that starts at the same time may have been faster, and then there is one.
            Log.NotCreated(logger, email, string.Join(", ", codes));
            NewPassword = null;
            return;
        }

        NewEmail = email;
        Log.Created(logger, email);
        var accounts = scope.GetRequiredService<OwnAccounts>();
        if (services.GetService<DevelopmentAccount>() is { } development)
        {
            await accounts.AddOwnerAsync(user.Id, await development.Account);
        }

        await accounts.EnsureAsync(user.Id);
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "AdministratorCreated", Level = LogLevel.Information, Message = "The console's first administrator is {Email}.")]
        public static partial void Created(ILogger logger, string email);

        [LoggerMessage(EventName = "AdministratorNotCreated", Level = LogLevel.Warning, Message = "The console's first administrator {Email} could not be made: {Reasons}. Look at Bootstrap:AdminEmail and Bootstrap:AdminPassword.")]
        public static partial void NotCreated(ILogger logger, string email, string reasons);
    }
}
