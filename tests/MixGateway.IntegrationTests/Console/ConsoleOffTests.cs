using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration.Users;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Console;

/// <summary><c>Console:Enabled=false</c> takes the console out, and nothing else.</summary>
public sealed class ConsoleOffTests(ConsoleOffTests.Off shared) : IClassFixture<ConsoleOffTests.Off>
{
    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/sign-in")]
    [InlineData("/dashboard/sign-up")]
    [InlineData("/dashboard/admin")]
    [InlineData("/dashboard/usage.csv")]
    [InlineData("/dashboard/assets/console.css")]
    [InlineData("/models")]
    [InlineData("/_blazor/negotiate")]
    public async Task Path_OfTheConsole_IsNotThere(string path)
    {
        using var answer = await shared.Gateway.Client.GetAsync(new Uri(path, UriKind.Relative));

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        answer.Headers.Contains("Set-Cookie").Should().BeFalse();
    }

    [Fact]
    public async Task Rest_OfTheGateway_WorksAndKeepsNoKeysOfCookies()
    {
        var account = await shared.Gateway.CreateAccountAsync();

        using var answer = await account.ChatAsync("sim");

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var services = shared.Gateway.Services;
        services.GetService<IUserStore<UserRow>>().Should().BeNull();
        services.GetService<AdministratorSetup>().Should().BeNull();
        await using var database = await services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        (await database.DataProtectionKeys.AnyAsync()).Should().BeFalse();
    }

    public sealed class Off() : SharedGateway(_ => ["Console:Enabled=false"]);
}
