using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using MixGateway.Forwarding;

namespace MixGateway.Hosting;

/// <summary>The first lines of the log: which version starts, from which files, and what it cannot have.</summary>
internal static partial class StartLog
{
    /// <summary>Before anything else is logged.</summary>
    public static void LogStart(this WebApplication app)
    {
        Log.Starting(app.Logger, GatewayMeter.Version, app.Environment.EnvironmentName, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription);
        string[] files = [.. SettingsFiles.Used(app.Configuration)];
        if (files.Length == 0)
        {
            Log.NoFiles(app.Logger, app.Environment.ContentRootPath);
        }
        else
        {
            Log.Files(app.Logger, string.Join(", ", files));
        }
    }

    /// <summary>Once the settings are known to be right.</summary>
    public static void WarnOfHost(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<IOptions<LimitsOptions>>().Value;
        foreach (var warning in HostLimits.Warnings(OpenFiles.Connections(app.Configuration), limits))
        {
            Log.Host(app.Logger, warning);
        }

        if (!app.Environment.IsDevelopment() && StoreChoice.IsForOneReplica(app.Configuration))
        {
            Log.OneReplica(app.Logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "MixGateway {Version} starts in {Environment} on {Runtime}, {System}", EventName = "Starting")]
        public static partial void Starting(ILogger logger, string version, string environment, string runtime, string system);

        [LoggerMessage(2, LogLevel.Information, "Settings files: {Files}", EventName = "SettingsFiles")]
        public static partial void Files(ILogger logger, string files);

        [LoggerMessage(3, LogLevel.Information, "No settings file was found in {Folder}: all settings are from the environment and the command line", EventName = "NoSettingsFiles")]
        public static partial void NoFiles(ILogger logger, string folder);

        [LoggerMessage(4, LogLevel.Warning, "{Warning}", EventName = "HostLimit")]
        public static partial void Host(ILogger logger, string warning);

        [LoggerMessage(5, LogLevel.Warning, "ConnectionStrings:Redis is not set, so holds and limits are kept in this process: run one replica only", EventName = "OneReplicaOnly")]
        public static partial void OneReplica(ILogger logger);
    }
}
