using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Diagnostics;

/// <summary>The life of the process: start, say how to begin, run until stopped.</summary>
internal static class Startup
{
    public const string MigrateOnly = "--migrate";

    private const int Failed = 1;

    /// <summary>Runs the gateway; a mistake of the operator's ends with a message that says what to do, and exit code 1.</summary>
    public static async Task<int> RunAsync(string[] args, Func<string[], Task<WebApplication>> create)
    {
        if (args.Contains(HealthSwitch.Name))
        {
            return await HealthSwitch.RunAsync(args, System.Console.Out);
        }

        try
        {
            await using var app = await create([.. args.Where(static arg => arg != MigrateOnly)]);
            if (args.Contains(MigrateOnly))
            {
                await app.MigrateStorageAsync(CancellationToken.None);
                return 0;
            }

            // Whoever needs the store awaits this same start, and its failure.
            _ = app.Services.GetRequiredService<HotStoreConnection>().StartAsync();
            await app.StartAsync();
            Welcome.Print(app);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception e) when (e is SettingsRefusedException or DatabaseRefusedException or IOException)
        {
            await System.Console.Error.WriteLineAsync($"MixGateway cannot start. {e.Message}");
            return Failed;
        }
    }
}
