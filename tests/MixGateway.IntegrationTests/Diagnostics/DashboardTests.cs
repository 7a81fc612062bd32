using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;
using YamlDotNet.RepresentationModel;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>What dashboards and alerts ask Prometheus for is what a running gateway tells it.</summary>
public sealed class DashboardTests(DashboardTests.Exercised exercised) : IClassFixture<DashboardTests.Exercised>
{
    private static readonly string Root = RepositoryFiles.Root;
    private static readonly string Alerts = Path.Combine(Root, "deploy/prometheus/alerts.yml");

    /// <summary>Told by Prometheus itself.</summary>
    private static readonly string[] Own = ["up"];

    public static TheoryData<string> Dashboards => [.. Boards];

    private static IEnumerable<string> Boards =>
        Directory.EnumerateFiles(Path.Combine(Root, "deploy/grafana/dashboards"), "*.json").Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Dashboard_WhateverItAsks_IsExported(string file)
    {
        var board = Read(file);
        var expressions = board.GetProperty("panels").EnumerateArray().Where(static panel => panel.TryGetProperty("targets", out _))
            .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray()).Select(static target => target.GetProperty("expr").GetString()!).ToArray();
        var variables = board.GetProperty("templating").GetProperty("list").EnumerateArray().Where(static variable => variable.GetProperty("type").GetString() == "query")
            .Select(static variable => Regex.Match(variable.GetProperty("query").GetProperty("query").GetString()!, @"label_values\((\w+), (\w+)\)")).ToArray();

        expressions.Should().HaveCountGreaterThan(5);
        expressions.SelectMany(Missing).Should().BeEmpty();
        variables.Should().NotBeEmpty().And.OnlyContain(static match => match.Success);
        variables.Select(static match => match.Groups[1].Value).Except(exercised.Names).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Dashboard_ForGrafana_IsWellFormed(string file)
    {
        var board = Read(file);
        var panels = board.GetProperty("panels").EnumerateArray().ToArray();

        panels.Select(static panel => panel.GetProperty("id").GetInt32()).Should().OnlyHaveUniqueItems();
        panels.Should().OnlyContain(static panel => panel.GetProperty("title").GetString()!.Length > 0);
        panels.Where(static panel => panel.GetProperty("type").GetString() != "row").Should().OnlyContain(static panel =>
            panel.GetProperty("description").GetString()!.Length > 0 && panel.GetProperty("gridPos").GetProperty("x").GetInt32() + panel.GetProperty("gridPos").GetProperty("w").GetInt32() <= 24);
        Boards.Select(static board => Read(board).GetProperty("uid").GetString()).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Alerts_WhateverTheyAsk_IsExported()
    {
        Rules().Should().HaveCountGreaterThan(10);
        Rules().SelectMany(static rule => new[] { Text(rule, "expr") }).SelectMany(Missing).Should().BeEmpty();
    }

    /// <summary>A series that begins with its first event shows no rise: the alert would miss the first one, which may be the only one.</summary>
    [Fact]
    public async Task Alert_ThatLooksForARise_HasItsSeriesFromTheStart()
    {
        await using var fresh = await TestGateway.StartAsync();
        var samples = await fresh.ReadMetricsAsync();
        var looked = Rules().Select(static rule => Regex.Match(Text(rule, "expr"), @"(?:increase|rate)\((\w+)(?:\{(\w+)=""([^""]*)""\})?\[\w+\]\)+ > 0$")).Where(static match => match.Success).ToArray();

        looked.Should().HaveCountGreaterThan(3);
        looked.Where(match => !samples.Any(sample => sample.Name == match.Groups[1].Value && (!match.Groups[2].Success || sample.Has(match.Groups[2].Value, match.Groups[3].Value))))
            .Select(static match => match.Value).Should().BeEmpty();
    }

    [Fact]
    public void Alert_AnyOfThem_HasASectionThatSaysWhatToDo()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs/alerts.md"));

        foreach (var rule in Rules())
        {
            var name = Text(rule, "alert");
            var annotations = (YamlMappingNode)rule["annotations"];
            Text(annotations, "summary").Should().NotBeEmpty();
            Text(annotations, "runbook").Should().Be($"docs/alerts.md#{name.ToLowerInvariant()}");
            page.Should().MatchRegex($@"\n## {name}\n\n[A-Z].+\n\n```bash\n[^`]+```\n\n[A-Z].+");
            Text((YamlMappingNode)rule["labels"], "severity").Should().BeOneOf("critical", "warning");
        }

        Regex.Matches(page, "^## (.+)$", RegexOptions.Multiline).Select(static match => match.Groups[1].Value).Should().Equal(Rules().Select(static rule => Text(rule, "alert")), "no section is of an alert that is gone");
    }

    [Fact]
    public void Files_ThatOthersMount_AreYaml()
    {
        foreach (var file in new[] { "deploy/prometheus/prometheus.yml", "deploy/grafana/provisioning/datasources/prometheus.yaml", "deploy/grafana/provisioning/dashboards/mixgateway.yaml" })
        {
            Load(Path.Combine(Root, file)).Children.Should().NotBeEmpty(file);
        }
    }

    [Theory]
    [InlineData("sum by (le, a) (rate(x_bucket{b=\"c{d}\", e!~\"f\"}[5m])) / 1e9 > 0.2", "x_bucket:b,e")]
    [InlineData("up{job=\"g\"} == 0 and on () count(y) > 1", "up:|y:")]
    public void Expression_Parsed_GivesItsMetricsAndLabels(string expression, string expected) =>
        string.Join('|', PromQL.Selectors(expression).Select(static selector => $"{selector.Metric}:{string.Join(',', selector.Labels)}")).Should().Be(expected);

    private IEnumerable<string> Missing(string expression)
    {
        var metrics = PromQL.Selectors(expression).ToArray();
        metrics.Should().NotBeEmpty(expression);
        foreach (var (metric, labels) in metrics.Where(static selector => !Own.Contains(selector.Metric)))
        {
            foreach (var label in labels.Append(""))
            {
                if (!exercised.Samples.Any(sample => sample.Name == metric && sample.HasLabel(label)))
                {
                    yield return $"{metric} {label} in {expression}";
                }
            }
        }

        foreach (var label in PromQL.Groupings(expression))
        {
            if (!exercised.Samples.Any(sample => sample.HasLabel(label) && metrics.Any(selector => selector.Metric == sample.Name)))
            {
                yield return $"grouping by {label} in {expression}";
            }
        }
    }

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "deploy/grafana/dashboards", file))).RootElement;

    private static YamlMappingNode[] Rules() =>
        [.. ((YamlSequenceNode)Load(Alerts)["groups"]).Cast<YamlMappingNode>().SelectMany(static group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>()];

    private static YamlMappingNode Load(string file)
    {
        var stream = new YamlStream();
        using var text = File.OpenText(file);
        stream.Load(text);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    /// <summary>A gateway after calls that were answered, that failed and that were refused.</summary>
    public sealed class Exercised : SharedGateway
    {
        public Exercised()
            : base(static _ => ["Quotas:Sweep=00:00:01"])
        {
        }

        internal IReadOnlyList<Sample> Samples { get; private set; } = [];

        internal IEnumerable<string> Names => Samples.Select(static sample => sample.Name);

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            var account = await Gateway.CreateAccountAsync();
            var poor = await Gateway.CreateAccountAsync(credit: "0");
            (await CallAsync(account, "streamed+chunks=5", stream: true)).Should().Be(HttpStatusCode.OK);
            (await CallAsync(account, "plain", stream: false)).Should().Be(HttpStatusCode.OK);
            (await CallAsync(account, "failing+status=500", stream: false)).Should().Be(HttpStatusCode.BadGateway);
            (await CallAsync(poor, "refused", stream: false)).Should().Be(HttpStatusCode.PaymentRequired);
            using (var reconciled = await Gateway.Admin.PostAsync(new Uri("/api/v1/reconciliation", UriKind.Relative), content: null))
            {
                reconciled.StatusCode.Should().Be(HttpStatusCode.OK);
            }

            await Eventually.TrueAsync(
                async () =>
                {
                    Samples = await Gateway.ReadMetricsAsync();
                    return Samples.Any(static sample => sample.Name == "mixgateway_sweep_duration_seconds_count")
                        && Samples.Any(static sample => sample.Name == "mixgateway_admissions_total" && sample.Has("outcome", "balance"))
                        && Samples.Where(static sample => sample.Name == "mixgateway_records_total" && sample.Has("result", "booked")).Sum(static sample => sample.Value) >= 3
                        && Samples.Where(static sample => sample.Name == "gen_ai_server_request_duration_seconds_count").Sum(static sample => sample.Value) >= 3;
                },
                "three calls are measured and booked");
        }

        private static async Task<HttpStatusCode> CallAsync(TestAccount account, string model, bool stream)
        {
            using var answer = await account.ChatAsync(model, stream);
            await answer.Content.ReadAsStringAsync();
            return answer.StatusCode;
        }
    }
}
