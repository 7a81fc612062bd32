using System.Net.Sockets;
using System.Runtime.InteropServices;
using MixGateway.Diagnostics;
using MixGateway.Forwarding;
using MixGateway.Quotas;
using MixGateway.Storage;
using Serilog.Debugging;

namespace MixGateway.Hosting;

/// <summary>The life of the process: check everything, start, say how to begin, run until stopped, and tell by the exit code how it ended.</summary>
internal static partial class Startup
{
    private const string Refusal = "MixGateway cannot start.";
    private const string StoppedEarly = "MixGateway was told to stop before it had started.";

    /// <summary>Does what the command line asks. A mistake of the operator's ends with a message that says what to do.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var line = GatewayArguments.Parse(args);
        if (line.Mistakes.Count > 0 && line.Command is not Command.Help)
        {
            return await RefuseAsync(new SettingsRefusedException([.. line.Mistakes, .. await OtherMistakesAsync(line.Settings)]));
        }

        switch (line.Command)
        {
            case Command.Help:
                await System.Console.Out.WriteLineAsync(HelpText.All);
                return ExitCodes.Done;
            case Command.Version:
                await System.Console.Out.WriteLineAsync(HelpText.Version);
                return ExitCodes.Done;
            case Command.Health:
                return await HealthSwitch.RunAsync(line.Settings, System.Console.Out);
            default:
                break;
        }

        // What a sink of the log cannot do would otherwise be known to nobody.
        SelfLog.Enable(System.Console.Error);
        if (HostLimits.Mistakes().ToArray() is { Length: > 0 } limits)
        {
            return await RefuseAsync(new HostRefusedException(limits));
        }

        return line.Command switch
        {
            Command.Migrate => await MigrateAsync(line.Settings),
            Command.Check => await CheckAsync(line.Settings),
            _ => await ServeAsync(line.Settings),
        };
    }

    /// <summary>What a start without the wrong arguments would be refused for. Nothing is started to find out.</summary>
    private static async Task<IEnumerable<string>> OtherMistakesAsync(string[] settings)
    {
        try
        {
            await using var app = await Program.CreateAsync(settings);
            return [];
        }
        catch (SettingsRefusedException exception)
        {
            return exception.Errors;
        }
        catch (Exception)
        {
            // It is told when the arguments are right.
            return [];
        }
    }

    private static async Task<int> ServeAsync(string[] settings)
    {
        IHostApplicationLifetime? lifetime = null;
        using var early = OnSigterm(() => lifetime);
        WebApplication? app = null;
        try
        {
            app = await Program.CreateAsync(settings);
            var guard = new StopGuard(app.Services.GetRequiredService<ShutdownTimes>());
            lifetime = app.Lifetime;
            lifetime.ApplicationStopping.Register(guard.Begin);
            try
            {
                // Whoever needs the store awaits this same start, and its failure.
                _ = app.Services.GetRequiredService<HotStoreConnection>().StartAsync();
                await app.StartAsync();
            }
            catch
            {
                guard.Begin();
                throw;
            }

            Welcome.Print(app);
            return await StopAsync(app);
        }
        catch (OperationCanceledException) when (lifetime?.ApplicationStopping.IsCancellationRequested == true)
        {
            if (app!.Services.GetRequiredService<Shutdown>().HasServed)
            {
                // Only the last steps of the start were interrupted; calls may have come already, and end as in any stop.
                return await StopAsync(app);
            }

            await System.Console.Error.WriteLineAsync(StoppedEarly);
            return ExitCodes.Refused;
        }
        catch (Exception exception)
        {
            // Once there is an application, its redactor knows the secrets by themselves, and not only by their shapes.
            return await RefuseAsync(exception, settings, redactor: app?.Services.GetRequiredService<Redactor>());
        }
        finally
        {
            await DisposeAsync(app);
        }
    }

    /// <summary>Waits for the end, and tells an end that was asked for from one that a bug brought about.</summary>
    private static async Task<int> StopAsync(WebApplication app)
    {
        try
        {
            // Waits for the signal, unless it has come, and stops the services.
            await app.WaitForShutdownAsync();
        }
        catch (Exception exception)
        {
            // A service that did not stop in time, or failed while it stopped; the books of what it had open are settled at the next start.
            Log.StopFailed(app.Logger, exception);
            return exception is OperationCanceledException ? ExitCodes.CutOff : ExitCodes.Bug;
        }

        return ExitCodeOf(app.Services.GetServices<IHostedService>());
    }

    /// <summary>A service that failed has stopped the host, which has logged it and ends as if it had been asked to.</summary>
    internal static int ExitCodeOf(IEnumerable<IHostedService> services) =>
        services.OfType<BackgroundService>().Any(static service => service.ExecuteTask?.IsFaulted == true) ? ExitCodes.Bug : ExitCodes.Done;

    private static async ValueTask DisposeAsync(WebApplication? app)
    {
        try
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch (Exception exception)
        {
            // The exit code is known already, and nothing can be done about this any more.
            Log.StopFailed(app!.Logger, exception);
        }
    }

    private static async Task<int> MigrateAsync(string[] settings)
    {
        try
        {
            await using var app = Program.CreateForMigration(settings);
            await app.MigrateStorageAsync(CancellationToken.None);
            return ExitCodes.Done;
        }
        catch (Exception exception)
        {
            return await RefuseAsync(exception, settings, "MixGateway cannot migrate the database.");
        }
    }

    private static async Task<int> CheckAsync(string[] settings)
    {
        try
        {
            // What a start logs would stand between the lines of the report.
            await using var app = await Program.CreateAsync(["--Serilog:MinimumLevel:Default=Warning", .. settings]);
            return await CheckCommand.RunAsync(app, System.Console.Out) ? ExitCodes.Done : ExitCodes.Refused;
        }
        catch (Exception exception)
        {
            return await RefuseAsync(exception, settings);
        }
    }

    /// <summary>Before the host listens to the signal itself; while there is no host yet, nothing has been touched.</summary>
    private static PosixSignalRegistration OnSigterm(Func<IHostApplicationLifetime?> host) => PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
    {
        context.Cancel = true;
        if (host() is { } lifetime)
        {
            lifetime.StopApplication();
            return;
        }

        System.Console.Error.WriteLine(StoppedEarly);
        Environment.Exit(ExitCodes.Refused);
    });

    private static async Task<int> RefuseAsync(Exception exception, string[]? settings = null, string refusal = Refusal, Redactor? redactor = null)
    {
        redactor ??= new Redactor();
        await System.Console.Error.WriteLineAsync(redactor.Redact($"{refusal} {Describe(exception)}"));
        if (!IsExplained(exception) && settings is not null && IsDebugging(settings))
        {
            await System.Console.Error.WriteLineAsync(redactor.Redact(exception.ToString()));
        }

        return ExitCodes.Refused;
    }

    private static string Describe(Exception exception) => IsExplained(exception)
        ? exception.Message
        : $"An error that it does not expect: {exception.GetType().Name}: {exception.GetBaseException().Message.ReplaceLineEndings(" ")} Start it with --Serilog:MinimumLevel=Debug to see where.";

    private static bool IsExplained(Exception exception) => exception is SettingsRefusedException or HostRefusedException or DatabaseRefusedException or IOException or SocketException;

    private static bool IsDebugging(string[] settings)
    {
        var level = SettingsFiles.Read(settings).GetSection("Serilog:MinimumLevel");
        return (level.Value ?? level["Default"]) is "Debug" or "Verbose";
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The gateway did not stop cleanly", EventName = "StopFailed")]
        public static partial void StopFailed(ILogger logger, Exception exception);
    }
}

/// <summary>The machine or container does not give what a gateway needs; the message holds each limit, one per line.</summary>
internal sealed class HostRefusedException(IEnumerable<string> limits)
    : Exception($"The host does not give it what it needs:{string.Concat(limits.Select(static limit => $"\n  {limit}"))}");
