using MixGateway.Administration;
using MixGateway.Authentication;
using MixGateway.Catalog;
using MixGateway.Console;
using MixGateway.Diagnostics;
using MixGateway.Forwarding;
using MixGateway.Payments;
using MixGateway.Quotas;
using MixGateway.Routing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway;

/// <summary>Puts the gateway together, in the order in which a request passes its parts.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => Startup.RunAsync(args, CreateAsync);

    /// <summary>
    /// The catalogue reads its files itself, and nothing else may change while the gateway runs. The host's own watch would be told of every
    /// write below the content root, those of the embedded database among them, and needs one of the system's few inotify instances.
    /// </summary>
    private const string NoReload = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Builds the application without starting it; tests pass their settings as arguments.</summary>
    public static Task<WebApplication> CreateAsync(string[] args) => CreateAsync(args, static _ => { });

    /// <param name="change">Changes services before the application is built: a test puts a part that fails among them.</param>
    public static async Task<WebApplication> CreateAsync(string[] args, Action<IServiceCollection> change)
    {
        var builder = WebApplication.CreateBuilder([NoReload, .. args]);
        builder.AddSecretFiles();
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
        app.BeginStorage();
        app.CheckSettings();
        app.UseRedaction();
        app.WarnOfUnknownSettings();
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
}
