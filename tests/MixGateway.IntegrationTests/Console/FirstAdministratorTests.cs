using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.IntegrationTests.Startup;

namespace MixGateway.IntegrationTests.Console;

/// <summary>Somebody has to be the first who may let others in.</summary>
public sealed partial class FirstAdministratorTests
{
    [Fact]
    public async Task FirstStart_InDevelopment_PrintsASignInThatWorksAndTheSecondPrintsNone()
    {
        using var folder = new StartupFolder();
        await using (var first = folder.Start("Development"))
        {
            await first.AwaitOutputAsync("curl ");
            using var visitor = new PageVisitor(await first.AddressAsync());
            await visitor.SignInAsync("admin@localhost", Password().Match(first.Output).Value);
            await visitor.GoAsync("/dashboard/admin");
            visitor.Path.Should().Be("/dashboard/admin");
            await first.TerminateAsync();
            (await first.ExitCodeAsync()).Should().Be(0);
        }

        await using var second = folder.Start("Development");
        await second.AwaitOutputAsync("curl ");
        second.Output.Should().NotContain("sign in as");
    }

    [Fact]
    public async Task Replicas_ThatStartAtOnceOnANewDatabase_MakeOneAdministratorAndLaterOnesNone()
    {
        await using var stores = await StoreSet.StartAsync(GatewayStores.Servers);
        var gateways = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestGateway.StartAsync([.. stores.Settings, .. ConsoleGateway.Settings])));
        await using var later = await TestGateway.StartAsync([.. stores.Settings, "Bootstrap:AdminEmail=other@example.com", $"Bootstrap:AdminPassword={PageVisitor.Password}"]);
        using var visitor = new PageVisitor(later.Address);

        await visitor.SignInAsync(ConsoleGateway.Administrator);
        await visitor.GoAsync("/dashboard/admin");

        visitor.Path.Should().Be("/dashboard/admin");
        await using var database = await ConsoleGateway.OpenAsync(later);
        (await database.Users.Select(static user => user.Email).ToArrayAsync()).Should().Equal(ConsoleGateway.Administrator);
        (await database.Memberships.CountAsync()).Should().Be(1);
        foreach (var gateway in gateways)
        {
            await gateway.DisposeAsync();
        }
    }

    [GeneratedRegex("(?<=sign in as admin@localhost with )[0-9a-f]{16}")]
    private static partial Regex Password();
}
