using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using MixGateway.Forwarding;

namespace MixGateway.Tests;

/// <summary>What <c>docker compose up</c> starts is what the documents promise.</summary>
public sealed class ComposeTests
{
    /// <summary>A task that ends, and an image that holds nothing to check with.</summary>
    private static readonly string[] WithoutHealthCheck = ["migrate", "collector"];

    private readonly ComposeFile _compose = ComposeFile.Read();

    [Fact]
    public void Image_OfEveryService_IsPinned() =>
        _compose.Services.Should().OnlyContain(static service => Regex.IsMatch(service.Image, @"^[\w./-]+:v?\d+\.\d+(\.\d+)?$"));

    [Fact]
    public void Image_OfTheGateway_HasItsVersion()
    {
        var version = XDocument.Load(Path.Combine(SourceTree.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

        _compose.Gateways.Should().OnlyContain(service => service.Image == $"mixgateway:{version}");
    }

    [Fact]
    public void Stores_AreTheVersionsThatAreSupported()
    {
        _compose.Services.Single(static service => service.Name == "postgres").Image.Should().StartWith("postgres:17.");
        _compose.Services.Single(static service => service.Name == "redis").Image.Should().StartWith("redis:8.");
    }

    [Fact]
    public void HealthCheck_OfEveryServiceThatStays_IsThere() =>
        _compose.Services.Where(static service => service.HealthCheck?.ContainsKey("test") != true).Select(static service => service.Name).Should().BeEquivalentTo(WithoutHealthCheck);

    [Fact]
    public void Secrets_WithoutExceptions_ComeFromFiles()
    {
        _compose.Map("secrets").Values.Cast<Dictionary<object, object>>().Should().OnlyContain(static secret => secret.ContainsKey("file"));
        var variables = _compose.Services.SelectMany(static service => service.Environment).Where(static entry => Regex.IsMatch(entry.Key, "password|token|secret|apikey", RegexOptions.IgnoreCase));
        variables.Should().OnlyContain(static entry => entry.Value.StartsWith("/run/secrets", StringComparison.Ordinal) || entry.Key == "Secrets__Required");
    }

    [Fact]
    public void Secrets_ThatAreNeeded_AreAskedForAndMadeByTheScript()
    {
        var script = SourceTree.Read("deploy/create-secrets.sh");

        foreach (var gateway in _compose.Gateways)
        {
            var required = gateway.Environment["Secrets__Required"].Split(';');
            required.Should().Contain(["Bootstrap:AdminToken", "ConnectionStrings:PostgresPassword", "ConnectionStrings:RedisPassword"]);
            required.Should().OnlyContain(key => script.Contains($"gateway/{key.Replace(":", "__", StringComparison.Ordinal)}", StringComparison.Ordinal));
        }

        _compose.Map("secrets").Values.Cast<Dictionary<object, object>>().Select(static secret => Path.GetFileName((string)secret["file"]))
            .Should().OnlyContain(file => script.Contains(file, StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_OfTheGateway_AreDocumented()
    {
        var documents = string.Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "configuration.md").Append(Path.Combine(SourceTree.Root, "README.md")).Select(File.ReadAllText));
        var settings = _compose.Gateways.SelectMany(static service => service.Environment.Keys).Distinct().Select(static name => Regex.Replace(name, "__[0-9]+$", "").Replace("__", ":", StringComparison.Ordinal));

        settings.Where(setting => !documents.Contains($"`{setting}`", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public void Container_OfTheGateway_HasNoMoreRightsThanItNeeds()
    {
        foreach (var gateway in _compose.Gateways)
        {
            gateway.Members["read_only"].Should().Be("true");
            ((List<object>)gateway.Members["cap_drop"]).Should().Equal("ALL");
            ((List<object>)gateway.Members["security_opt"]).Should().Contain("no-new-privileges:true");
        }

        var dockerfile = SourceTree.Read("deploy/Dockerfile");
        dockerfile.Should().Contain("\nUSER 1654:1654\n").And.Contain("--locked-mode").And.Contain("HEALTHCHECK").And.Contain("\"--health\"");
        Regex.Matches(dockerfile, @"^FROM \S+:(\S+)", RegexOptions.Multiline).Select(static match => match.Groups[1].Value).Should().OnlyContain(static tag => tag.StartsWith("10.0", StringComparison.Ordinal));
    }

    [Fact]
    public void Stop_OfTheGateway_HasTheTimeItTakes()
    {
        foreach (var gateway in _compose.Gateways)
        {
            List<string> mistakes = [];
            var times = ShutdownTimes.Read(new ConfigurationBuilder().AddInMemoryCollection(gateway.Environment.Select(static entry => KeyValuePair.Create(entry.Key, (string?)entry.Value))).Build(), mistakes);
            mistakes.Should().BeEmpty();
            var grace = TimeSpan.FromSeconds(int.Parse(((string)gateway.Members["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture));

            grace.Should().BeGreaterThan(times.Whole);

            // HAProxy asks every second and half a second after a first failure, twice.
            times.Delay.Should().BeGreaterThan(TimeSpan.FromSeconds(3));
        }
    }

    [Fact]
    public void Scale_HasThreeReplicasAndABalancerThatKnowsThem()
    {
        var scaled = _compose.Services.Where(static service => service.Profiles.Contains("scale")).Select(static service => service.Name);
        scaled.Should().BeEquivalentTo("gateway-2", "gateway-3", "balancer");
        var servers = Regex.Matches(SourceTree.Read("deploy/haproxy/haproxy.cfg"), @"^\s+server \S+ ([\w-]+):8080", RegexOptions.Multiline).Select(static match => match.Groups[1].Value);
        servers.Should().BeEquivalentTo(_compose.Gateways.Select(static service => service.Name));
    }

    [Fact]
    public void Redis_KeepsWhatItAcknowledges() =>
        SourceTree.Read("deploy/redis/redis.conf").Split('\n').Should().Contain(["appendonly yes", "appendfsync always", "maxmemory-policy noeviction"]);

    [Fact]
    public void Mounts_OfTheRepository_Exist() =>
        _compose.Services.SelectMany(static service => service.Mounts).Distinct()
            .Where(static source => !source.StartsWith("./deploy/secrets", StringComparison.Ordinal) && !Path.Exists(Path.Combine(SourceTree.Root, source))).Should().BeEmpty();
}
