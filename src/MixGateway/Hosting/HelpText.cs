using MixGateway.Diagnostics;

namespace MixGateway.Hosting;

/// <summary>What <c>--help</c> and <c>--version</c> print.</summary>
internal static class HelpText
{
    public static string Version => $"MixGateway {GatewayMeter.Version}";

    public static string All => $"""
        {Version}: an OpenAI-compatible gateway in front of many model providers.

        Usage: dotnet MixGateway.dll [command] [--Section:Key=value ...]

        Commands:
          (none)       Start the gateway.
          --check      Check the settings, the stores and the providers, and say what would be used. Changes nothing.
          --migrate    Bring the database to this version, and end.
          --health     Ask the gateway that runs with the same settings whether it is ready, and end.
          --version    Print the version.
          --help, -h   Print this text.

        Settings, a later source over an earlier one:
          appsettings.json and appsettings.<environment>.json, in the working directory or else beside the program
          one file per setting in Secrets:Path (/run/secrets): Bootstrap__AdminToken
          the environment: Quotas__Lease=1m, ASPNETCORE_URLS=http://0.0.0.0:8080
          the command line: --Quotas:Lease=1m

        The most used:
          --urls=http://0.0.0.0:8080            where the gateway listens
          --environment=Development             with a demo provider and an account
          --Data:Path=/var/lib/mixgateway       keep the database in files of this machine
          --ConnectionStrings:Postgres=...      use PostgreSQL
          --ConnectionStrings:Redis=...         use Redis; needed for more than one replica

        Every setting: docs/configuration.md. How to run it: docs/operations.md.

        Exit codes:
          {ExitCodes.Done}  it ended as it was asked
          {ExitCodes.Refused}  it did not start, or a check failed; the message says what to do
          {ExitCodes.Bug}  it stopped because of a bug
          {ExitCodes.CutOff}  it was told to stop and something did not end in time
        """;
}
