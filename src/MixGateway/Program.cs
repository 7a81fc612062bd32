using MixGateway.Administration;
using MixGateway.Authentication;
using MixGateway.Catalog;
using MixGateway.Console;
using MixGateway.Diagnostics;
using MixGateway.Forwarding;
using MixGateway.Hosting;
using MixGateway.Payments;
using MixGateway.Quotas;
using MixGateway.Routing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway;

/// <summary>Puts the gateway together, in the order in which a request passes its parts.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => Startup.RunAsync(args);

    /// <summary>
    /// The catalog reads its files itself, and nothing else may change while the gateway runs. The host's own watch would be told of every
    /// write below the content root, those of the embedded database among them, and needs one of the system's few inotify instances.
    /// </summary>
    private const string NoReload = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Builds the application without starting it; tests pass their settings as arguments.</summary>
    public static Task<WebApplication> CreateAsync(string[] args) => CreateAsync(args, static _ => { });

    /// <param name="change">Changes services before the application is built: a test puts a part that fails among them.</param>
    public static async Task<WebApplication> CreateAsync(string[] args, Action<IServiceCollection> change)
    {
        var builder = CreateBuilder(args);
        var secretMistakes = AddSecrets(builder);
        SettingForms.Apply(builder.Configuration);
        builder.AddServer();
        builder.AddManagementListener();
        builder.AddDiagnostics();
        builder.AddTelemetry();
        await builder.AddDemoProviderAsync();
        builder.Services.AddQuotas();
        DevelopmentAccount.AddTo(builder);
        builder.AddStorage();
        builder.AddCallerAddress();
        builder.AddBrowserCallers();
        builder.AddApiKeys();
        builder.AddCatalog();
        builder.AddForwarding();
        builder.AddUsage();
        builder.AddAdministration();
        builder.AddConsole();
        builder.AddPayments();
        builder.AddSettingsCheck();
        change(builder.Services);

        var app = builder.Build();
        app.LogStart();
        app.BeginStorage();
        app.CheckSettings(secretMistakes);
        app.UseRedaction();
        app.WarnOfUnknownSettings();
        app.WarnOfHost();
        app.UseMiddleware<UnreadBodyMiddleware>();
        app.UseShutdown();
        app.UseCallerAddress();
        app.UseBrowserCallers();
        app.UseMiddleware<RequestIdMiddleware>();
        app.UseMisplacedCalls();
        app.UseManagementListener();
        app.UseWhen(static context => context.Request.Path.StartsWithSegments(OpenAIPaths.Root), static api =>
        {
            api.UseMiddleware<AnswerCounter>();
            api.UseMiddleware<ApiBoundaryMiddleware>();
            api.UseMiddleware<ApiKeyMiddleware>();
        });
        app.UseConsole();
        app.MapModels();
        app.MapForwarding();
        app.MapAdministration();
        app.MapPayments();
        app.MapHealth();
        app.MapMetrics();
        app.MapConsole();
        return app;
    }

    /// <summary>
    /// What <c>--migrate</c> needs: the settings and the database. Providers, listeners and secrets of others may be missing, because the
    /// job that migrates runs before there is a gateway and is given less than one.
    /// </summary>
    /// <exception cref="SettingsRefusedException">No database was chosen, or a setting of the stores is wrong.</exception>
    public static WebApplication CreateForMigration(string[] args)
    {
        var builder = CreateBuilder(args);
        builder.AddSecretFiles(static setting => setting.StartsWith("ConnectionStrings:", StringComparison.OrdinalIgnoreCase));
        SettingForms.Apply(builder.Configuration);
        builder.AddDiagnostics();
        builder.AddStorage();
        var app = builder.Build();
        app.LogStart();
        app.CheckStoreSettings();
        return app;
    }

    /// <returns>What is wrong with them, which is told with everything else.</returns>
    private static IReadOnlyCollection<string> AddSecrets(WebApplicationBuilder builder)
    {
        try
        {
            builder.AddSecretFiles();
            return [];
        }
        catch (SettingsRefusedException exception)
        {
            return exception.Errors;
        }
    }

    /// <exception cref="SettingsRefusedException">A settings file cannot be read.</exception>
    private static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var host = SettingsFiles.HostSettings(args);
        if (SettingsFiles.Mistakes(host).ToArray() is { Length: > 0 } mistakes)
        {
            throw new SettingsRefusedException(mistakes);
        }

        return WebApplication.CreateBuilder(new WebApplicationOptions { Args = [NoReload, .. args], ContentRootPath = SettingsFiles.FindFolder(host) });
    }
}
