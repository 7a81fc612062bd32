using System.Net;
using Microsoft.EntityFrameworkCore;

namespace MixGateway.IntegrationTests.Console;

/// <summary>What people see of a bug: a page that says so, with an id to ask with, whatever they had sent.</summary>
public sealed class ErrorPageTests(ConsoleGateway console) : IClassFixture<ConsoleGateway>
{
    [Fact]
    public async Task Page_ThatFails_IsTheErrorPageForAVisitAndForAForm()
    {
        using var visitor = console.Visit();
        await visitor.RegisterAsync();
        await visitor.GoAsync("/dashboard/keys/new");
        await using (var database = await console.OpenAsync())
        {
            await database.Database.ExecuteSqlRawAsync("ALTER TABLE api_keys RENAME TO api_keys_away");
        }

        await visitor.SubmitAsync("create", ("Input.Name", "never"));
        ShouldBeTheErrorPage(visitor);
        await visitor.GoAsync("/dashboard/keys");
        ShouldBeTheErrorPage(visitor);
    }

    private static void ShouldBeTheErrorPage(PageVisitor visitor)
    {
        visitor.Status.Should().Be(HttpStatusCode.InternalServerError);
        visitor.Page.QuerySelector("#request-id").Should().NotBeNull();
        visitor.Page.Body!.TextContent.Should().NotContain("api_keys");
    }
}
