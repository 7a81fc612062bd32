using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;
using MixGateway.Administration.Users;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests;

/// <summary>Every page that there is says who may see it, and keeps everybody else out.</summary>
public sealed class PageAccessTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Administration = "/dashboard/admin";

    /// <summary>Pages for everybody; a new one belongs here only if nothing on it is anybody's.</summary>
    private static readonly string[] Public =
    [
        "/dashboard/confirm-email", "/dashboard/denied", "/dashboard/error", "/dashboard/forgot-password", "/dashboard/invitation", "/dashboard/not-found", "/dashboard/reset-password",
        "/dashboard/sign-in", "/dashboard/sign-in/code", "/dashboard/sign-in/recovery", "/dashboard/sign-up", "/models",
    ];

    /// <summary>What is no page and answers all the same.</summary>
    private static readonly string[] Files = ["/dashboard/usage.csv", "/dashboard/admin/usage.csv", $"/dashboard/playground/calls/{Guid.Empty}"];

    private static readonly (string Route, Type Page)[] Pages =
    [
        .. from type in typeof(SignedInUser).Assembly.GetTypes()
            from route in type.GetCustomAttributes<RouteAttribute>(inherit: false)
            select (route.Template.Replace("{id:guid}", Guid.Empty.ToString(), StringComparison.Ordinal), type),
    ];

    [Fact]
    public void Page_OfTheConsole_SaysWhoMaySeeIt()
    {
        Pages.Should().HaveCountGreaterThan(30);
        Pages.Where(static page => page.Page.IsDefined(typeof(AllowAnonymousAttribute), inherit: true)).Select(static page => page.Route).Should().BeEquivalentTo(Public);
        Pages.Where(static page => !Public.Contains(page.Route) && !page.Page.IsDefined(typeof(AuthorizeAttribute), inherit: true)).Should().BeEmpty();
        Pages.Where(static page => page.Route.StartsWith(Administration, StringComparison.Ordinal)
            && page.Page.GetCustomAttributes<AuthorizeAttribute>(inherit: true).All(static rule => rule.Roles != SignedInUser.AdministratorRole)).Should().BeEmpty();
    }

    [Fact]
    public async Task Page_ForWhoIsNotSignedIn_LeadsToTheSignIn()
    {
        foreach (var path in Pages.Select(static page => page.Route).Except(Public).Concat(Files))
        {
            using var answer = await shared.Gateway.Client.GetAsync(new Uri(path, UriKind.Relative));

            answer.StatusCode.Should().Be(HttpStatusCode.Redirect, path);
            answer.Headers.Location!.OriginalString.Should().StartWith("/dashboard/sign-in?returnUrl=", path);
        }
    }

    [Fact]
    public async Task Page_OfAdministrators_IsDeniedToMembers()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();
        using var client = shared.Gateway.NewClient();
        client.DefaultRequestHeaders.Add("Cookie", string.Join("; ", (await visitor.Page.Context.CookiesAsync()).Select(static cookie => $"{cookie.Name}={cookie.Value}")));

        foreach (var path in Pages.Select(static page => page.Route).Concat(Files).Where(static path => path.StartsWith(Administration, StringComparison.Ordinal)))
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

            answer.StatusCode.Should().Be(HttpStatusCode.Redirect, path);
            answer.Headers.Location!.OriginalString.Should().StartWith("/dashboard/denied", path);
        }

        await Assertions.Expect(visitor.Link("Audit log")).ToHaveCountAsync(0);
    }
}
