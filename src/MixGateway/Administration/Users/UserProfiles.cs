using Microsoft.EntityFrameworkCore;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>What users choose for themselves.</summary>
internal sealed class UserProfiles(IDbContextFactory<GatewayDbContext> databases)
{
    /// <param name="language">Null follows the browser.</param>
    public async Task SetLanguageAsync(Guid userId, string? language)
    {
        await using var database = await databases.CreateDbContextAsync();
        await database.Users.Where(user => user.Id == userId).ExecuteUpdateAsync(user => user.SetProperty(row => row.Language, language));
    }

    /// <param name="theme">Null follows the system.</param>
    public async Task SetThemeAsync(Guid userId, string? theme)
    {
        await using var database = await databases.CreateDbContextAsync();
        await database.Users.Where(user => user.Id == userId).ExecuteUpdateAsync(user => user.SetProperty(row => row.Theme, theme));
    }
}
