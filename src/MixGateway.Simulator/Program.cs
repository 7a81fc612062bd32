using System.Globalization;
using System.Text;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator;

/// <summary>Runs the simulator alone, at ASPNETCORE_URLS or <see cref="DefaultUrl"/>.</summary>
internal static class Program
{
    private const string DefaultUrl = "http://localhost:8090";

    public static async Task Main(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])
            && string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.HttpPortsKey])
            && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        WebApplication application = builder.Build();
        application.MapSimulator(options: new SimulatorOptions { RecordedRequests = 0 });
        await application.StartAsync();
        await Console.Out.WriteLineAsync(Describe(application.Urls));
        await application.WaitForShutdownAsync();
    }

    private static string Describe(IEnumerable<string> urls)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"The simulator answers at {string.Join(", ", urls.Select(url => url + "/v1"))}.");
        text.AppendLine("The model's id is the script: name[+knob=value]…, as sim+chunks=20+delay=5 or echo. Counters: GET /_simulator/state.");
        text.AppendLine("HTTP/2 besides: --Kestrel:Endpoints:h1:Url=http://127.0.0.1:8090 --Kestrel:Endpoints:h2:Url=http://127.0.0.1:8091 --Kestrel:Endpoints:h2:Protocols=Http2");
        text.AppendLine();
        foreach (ScriptKnob knob in ScriptKnobs.All)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {knob.Name + '=' + knob.Values,-46} {knob.Meaning}");
        }

        return text.ToString();
    }
}
