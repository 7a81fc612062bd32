using Microsoft.Extensions.Options;
using MixGateway.Administration;
using MixGateway.Catalog;
using MixGateway.Diagnostics;
using MixGateway.Forwarding;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Hosting;

/// <summary>
/// <c>--check</c>: says what a gateway with these settings would use, and tries it: the database, the hot store, each provider with its
/// certificate and its credentials. The settings were checked before. Nothing is changed.
/// </summary>
internal static class CheckCommand
{
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(10);

    /// <summary>True if everything can be used.</summary>
    public static async Task<bool> RunAsync(WebApplication app, TextWriter output)
    {
        var failures = 0;
        await output.WriteLineAsync(HelpText.Version);
        await SayAsync(true, "environment", app.Environment.EnvironmentName);
        var files = string.Join(", ", SettingsFiles.Used(app.Configuration));
        await SayAsync(true, "settings", files.Length == 0 ? "no file; all from the environment and the command line" : files);
        await SayAsync(true, "listens on", string.Join(", ", ManagementListener.PublicUrls(app.Configuration)));
        foreach (var warning in HostLimits.Warnings(OpenFiles.Connections(app.Configuration), app.Services.GetRequiredService<IOptions<LimitsOptions>>().Value))
        {
            await output.WriteLineAsync($"warning  host: {warning}");
        }

        await TryAsync("database", () => LookAtDatabaseAsync(app.Services));
        await TryAsync("hot store", () => LookAtHotStoreAsync(app));
        foreach (var provider in app.Services.GetRequiredService<CatalogStore>().Current.Providers.Values.OrderBy(static provider => provider.Name, StringComparer.Ordinal))
        {
            var answer = await app.Services.GetRequiredService<ProviderCheck>().RunAsync(provider, CancellationToken.None);
            await SayAsync(answer.IsFine, $"provider {answer.Provider}", $"{provider.BaseUrl}: {answer.Text}");
        }

        await output.WriteLineAsync(failures == 0 ? "Everything can be used." : $"{failures} {(failures == 1 ? "part" : "parts")} cannot be used.");
        return failures == 0;

        async Task TryAsync(string what, Func<Task<string>> look)
        {
            try
            {
                await SayAsync(true, what, await look());
            }
            catch (Exception exception)
            {
                // Whatever a store throws that cannot be used; the other parts are still looked at.
                await SayAsync(false, what, exception.Message.ReplaceLineEndings(" "));
            }
        }

        async Task SayAsync(bool isFine, string what, string text)
        {
            failures += isFine ? 0 : 1;
            await output.WriteLineAsync(app.Services.GetRequiredService<Redactor>().Redact($"{(isFine ? "ok      " : "FAILED  ")} {what}: {text}"));
        }
    }

    private static async Task<string> LookAtDatabaseAsync(IServiceProvider services)
    {
        using var limit = new CancellationTokenSource(StoreTimeout);
        var state = await services.GetRequiredService<DatabaseLook>().RunAsync(limit.Token);
        return state.HasTables && await services.GetRequiredService<LedgerCurrency>().FindMistakeAsync(limit.Token) is { } mistake
            ? throw new DatabaseRefusedException(mistake)
            : state.Text;
    }

    private static async Task<string> LookAtHotStoreAsync(WebApplication app)
    {
        if (HotStoreConnection.IsEmbedded(app.Configuration))
        {
            return StoreChoice.IsForOneReplica(app.Configuration) ? "in the process, so for one replica only (ConnectionStrings:Redis is not set)" : "in the process";
        }

        var connection = app.Services.GetRequiredService<HotStoreConnection>();
        await connection.StartAsync().WaitAsync(StoreTimeout);
        var probe = await HotStoreProbe.LookAsync(connection, app.Services.GetRequiredService<IOptions<QuotasOptions>>().Value).WaitAsync(StoreTimeout);
        var refusal = probe.Answers ? await app.Services.GetRequiredService<HotStoreCheck>().RunAsync() : await connection.DiagnoseAsync() ?? probe.Why;
        return refusal is null
            ? $"{connection.Description}: {probe.Kind}, because {probe.Why}"
            : throw new DatabaseRefusedException($"{HotStoreConnection.SettingName}: {connection.Description}: {refusal}");
    }
}
