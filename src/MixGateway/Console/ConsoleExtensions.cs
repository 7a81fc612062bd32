using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Operators;
using MixGateway.Administration.Users;
using MixGateway.Console.Account;
using MixGateway.Console.Administration;
using MixGateway.Console.Languages;
using MixGateway.Console.Safety;
using MixGateway.Console.SignIn;
using MixGateway.Payments;

namespace MixGateway.Console;

/// <summary>The pages at <c>/dashboard</c>, where people help themselves.</summary>
internal static class ConsoleExtensions
{
    /// <summary>Where the framework looks for the endpoints of the whole application.</summary>
    private const string RoutesOfAll = "__GlobalEndpointRouteBuilder";

    /// <summary>Needs the administration, whose use cases are all that the pages call.</summary>
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        if (!ConsoleOptions.IsEnabled(builder.Configuration))
        {
            // YARP registers data protection for cookies that nothing sets then; without this it would leave key files behind.
            services.AddDataProtection().UseEphemeralDataProtectionProvider();
            return;
        }

        services.AddOptions<ConsoleOptions>().BindConfiguration(ConsoleOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ConsoleOptions>, ConsoleOptionsValidation>();
        services.AddUsers();
        services.AddOperators();
        services.AddSingleton<AccountTopUps>();
        services.AddSingleton<ApiAddress>();
        builder.AddConsoleAuthentication();
        services.AddSingleton<SignInLimiter>();
        services.AddSingleton(typeof(Texts<>));
        services.AddCascadingAuthenticationState();
        services.AddRazorComponents();
        services.AddHttpClient();
    }

    /// <summary>Puts what only the console's paths need in front of them; every other path goes by.</summary>
    public static void UseConsole(this WebApplication app)
    {
        if (!ConsoleOptions.IsEnabled(app.Configuration))
        {
            return;
        }

        KeepOffTheHotPath(app);
        app.UseWhen(static context => ConsolePaths.Has(context.Request.Path), console =>
        {
            console.UseMiddleware<PublicAddress>();
            console.UseMiddleware<SecurityHeaders>();

            console.UseExceptionHandler(ConsolePaths.Root + "/error", createScopeForErrors: true);

            // For the one above, which sends a request that failed through here once more, to the page of errors. A branch has no endpoints of its own.
            console.Properties[RoutesOfAll] = app;
            console.UseRouting();
            console.UseAuthentication();
            console.UseMiddleware<LanguageMiddleware>();
            console.UseMiddleware<SignInLimiter>();
            console.UseAuthorization();
            console.UseAntiforgery();
            console.UseMiddleware<FormMiddleware>();
            console.UseMiddleware<GuestModels>();
        });
    }

    public static void MapConsole(this WebApplication app)
    {
        if (!ConsoleOptions.IsEnabled(app.Configuration))
        {
            return;
        }

        app.MapAssets();
        app.MapPreferences();
        app.MapExternalSignIn();
        app.MapPasskeys();
        app.MapUsageCsv();
        app.MapPlayground();
        app.MapAllUsageCsv();
        app.MapRazorComponents<App>();

        // The router finds no page for it, and so shows the one that says so.
        app.MapFallback(ConsolePaths.Root + "/{**path}", static () => new RazorComponentResult<App> { StatusCode = StatusCodes.Status404NotFound }).AllowAnonymous();
    }

    /// <summary>The host would put both in front of every path as soon as their services are there; these are the marks by which it sees that they are in place.</summary>
    private static void KeepOffTheHotPath(IApplicationBuilder app)
    {
        app.Properties["__AuthenticationMiddlewareSet"] = true;
        app.Properties["__AuthorizationMiddlewareSet"] = true;
    }
}
