using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using MixGateway.IntegrationTests.Fixtures;
using Npgsql;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>
/// Every command of the gateway's image that the chart and docker-compose.yml run, with exactly the environment and the files that each
/// has: the migration has less than a gateway, and a health check has its container's. A provider's key is among the secrets, as in every
/// installation.
/// </summary>
public sealed partial class ContainerCommandTests : IAsyncLifetime
{
    private const string RedisPassword = "redis-password-5f1c2b9d";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mixgateway-containers-");
    private RedisServer? _redis;
    private NpgsqlConnectionStringBuilder? _postgres;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync([.. RedisServer.Durable, "--requirepass", RedisPassword]);
        var server = await PostgresServer.SharedAsync();
        var name = $"containers_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name);
        _postgres = new NpgsqlConnectionStringBuilder(server.ConnectionString(name));
        var secrets = Directory.CreateDirectory(Path.Combine(_root.FullName, "secrets"));
        foreach (var (file, text) in new[]
        {
            ("Bootstrap__AdminToken", "container-admin-token-0123456789"), ("ConnectionStrings__PostgresPassword", _postgres.Password ?? "not asked for"),
            ("ConnectionStrings__RedisPassword", RedisPassword), ("Providers__sim__ApiKey", "sk-provider-0123456789"),
        })
        {
            await File.WriteAllTextAsync(Path.Combine(secrets.FullName, file), text + "\n");
        }
    }

    public async Task DisposeAsync()
    {
        await _redis!.DisposeAsync();
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task Commands_OfTheChart_WorkWithWhatTheirContainersHave()
    {
        var (exitCode, output, errors) = await Helm.TemplateAsync(
            $"stores.postgres={Postgres()}", $"stores.redis={_redis!.ConnectionString}", "secrets.existingSecret=gateway-secrets",
            "settings.Providers.sim.BaseUrl=http://127.0.0.1:9/v1");
        exitCode.Should().Be(0, errors);
        var objects = KubernetesYaml.LoadAllFromString(output, strict: true);
        var settings = objects.OfType<V1ConfigMap>().Single().Data["appsettings.json"];
        await RunAsync(Of(objects.OfType<V1Job>().Single().Spec.Template.Spec, settings), Of(objects.OfType<V1Deployment>().Single().Spec.Template.Spec, settings));
    }

    [Fact]
    public async Task Commands_OfCompose_WorkWithWhatTheirContainersHave()
    {
        using var text = new StringReader(RepositoryFiles.Read("docker-compose.yml"));
        var root = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text)));
        var services = (Dictionary<object, object>)root["services"];
        await RunAsync(Of((Dictionary<object, object>)services["migrate"]), Of((Dictionary<object, object>)services["gateway"]));
    }

    private static Container Of(V1PodSpec pod, string settings)
    {
        var container = pod.Containers.Single();
        return new Container(
            [.. container.Args ?? []], container.Env.ToDictionary(static variable => variable.Name, static variable => variable.Value),
            container.VolumeMounts.Any(static mount => mount.MountPath == "/config") ? settings : null, container.VolumeMounts.Select(static mount => mount.MountPath).Single(static path => path.StartsWith("/run/secrets", StringComparison.Ordinal)));
    }

    private Container Of(Dictionary<object, object> service)
    {
        var environment = ((Dictionary<object, object>)service["environment"]).ToDictionary(static entry => (string)entry.Key, static entry => Variable().Replace((string)entry.Value, static match => match.Groups[1].Value));

        // The names of the network are the servers of this test.
        environment["ConnectionStrings__Postgres"] = Postgres();
        environment["ConnectionStrings__Redis"] = environment["ConnectionStrings__Redis"].Replace("redis:6379", _redis!.ConnectionString, StringComparison.Ordinal);
        var targets = ((List<object>)service["volumes"]).Cast<Dictionary<object, object>>().Select(static mount => (string)mount["target"]).ToArray();
        var command = service.TryGetValue("command", out var given) ? ((List<object>)given).Cast<string>().ToArray() : [];
        return new Container(command, environment, targets.Contains("/config") ? RepositoryFiles.Read("deploy/config/appsettings.json") : null, targets.Single(static target => target.StartsWith("/run/secrets", StringComparison.Ordinal)));
    }

    private async Task RunAsync(Container migration, Container gateway)
    {
        await using (var migrate = Start(migration))
        {
            (await migrate.ExitCodeAsync()).Should().Be(0, migrate.Output);
        }

        await using var running = Start(gateway);
        var address = await running.AddressAsync();
        await using var check = Start(gateway with { Command = ["--health"], Address = address.ToString() });
        (await check.ExitCodeAsync()).Should().Be(0, check.Output);
        JsonDocument.Parse(check.Output).RootElement.GetProperty("status").GetString().Should().Be("healthy");
        await using var look = Start(gateway with { Command = ["--check"] });
        await look.ExitCodeAsync();
        look.Output.Should().ContainAll("ok       database: PostgreSQL", "ok       hot store: Redis").And.NotContain(RedisPassword);
        await running.TerminateAsync();
        (await running.ExitCodeAsync()).Should().Be(0, running.Output);
    }

    /// <summary>As the image lays it out: the program's settings, and a link to those that are mounted.</summary>
    private GatewayProcess Start(Container container)
    {
        var app = Directory.CreateDirectory(Path.Combine(_root.FullName, Guid.NewGuid().ToString("N")));
        File.Copy(Path.Combine(GatewayProcess.Folder, "appsettings.json"), Path.Combine(app.FullName, "appsettings.json"));
        File.WriteAllText(Path.Combine(app.FullName, "mounted.json"), container.Settings ?? "{}");
        File.CreateSymbolicLink(Path.Combine(app.FullName, "appsettings.Production.json"), Path.Combine(app.FullName, "mounted.json"));
        var environment = container.Environment.ToDictionary(static entry => entry.Key, entry => entry.Value.Replace(container.Secrets, Path.Combine(_root.FullName, "secrets"), StringComparison.Ordinal));

        // What the image sets, and a port that is free.
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        environment["ASPNETCORE_URLS"] = container.Address ?? "http://127.0.0.1:0";
        return GatewayProcess.StartIn(app.FullName, environment, prelude: null, container.Command);
    }

    private string Postgres() => string.Create(CultureInfo.InvariantCulture, $"Host={_postgres!.Host};Port={_postgres.Port};Database={_postgres.Database};Username={_postgres.Username}");

    /// <param name="Settings">What is mounted as /config/appsettings.json; null: nothing.</param>
    /// <param name="Secrets">Where the secrets are mounted.</param>
    private sealed record Container(string[] Command, Dictionary<string, string> Environment, string? Settings, string Secrets)
    {
        public string? Address { get; init; }
    }

    [GeneratedRegex(@"\$\{\w+(?::-([^}]*))?\}")]
    private static partial Regex Variable();
}
