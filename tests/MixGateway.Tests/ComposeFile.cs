using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace MixGateway.Tests;

/// <summary>docker-compose.yml, with its anchors resolved.</summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<object, object> _root;

    private ComposeFile(Dictionary<object, object> root) => _root = root;

    public static ComposeFile Read()
    {
        using var text = new StringReader(SourceTree.Read("docker-compose.yml"));
        return new ComposeFile(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text))));
    }

    public IEnumerable<Service> Services => Map("services").Select(static entry => new Service((string)entry.Key, (Dictionary<object, object>)entry.Value));

    public IEnumerable<Service> Gateways => Services.Where(static service => service.Name.StartsWith("gateway", StringComparison.Ordinal));

    public Dictionary<object, object> Map(string name) => (Dictionary<object, object>)_root[name];

    /// <summary>What a text is where no variable is set.</summary>
    public static string Resolve(string text) => Variable().Replace(text, static match => match.Groups[2].Value);

    [GeneratedRegex(@"\$\{(\w+)(?::-([^}]*))?\}")]
    private static partial Regex Variable();

    /// <summary>One service.</summary>
    internal sealed record Service(string Name, Dictionary<object, object> Members)
    {
        public string Image => Resolve((string)Members["image"]);

        public IReadOnlyDictionary<string, string> Environment =>
            Members.TryGetValue("environment", out var map)
                ? ((Dictionary<object, object>)map).ToDictionary(static entry => (string)entry.Key, static entry => Resolve((string)entry.Value))
                : new Dictionary<string, string>();

        public IEnumerable<string> Profiles => Members.TryGetValue("profiles", out var list) ? ((List<object>)list).Cast<string>() : [];

        /// <summary>The files and folders of the repository that it mounts.</summary>
        public IEnumerable<string> Mounts =>
            Members.TryGetValue("volumes", out var list)
                ? ((List<object>)list).Select(static volume => Resolve(volume is Dictionary<object, object> map ? (string)map["source"] : ((string)volume).Split(':')[0]))
                    .Where(static source => source.StartsWith('.'))
                : [];

        public Dictionary<object, object>? HealthCheck => Members.TryGetValue("healthcheck", out var check) ? (Dictionary<object, object>)check : null;
    }
}
