using System.Globalization;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>What the chart sends to a cluster is valid Kubernetes, streams, stops politely and holds no secret.</summary>
public sealed class HelmChartTests
{
    private static readonly string[] Needed =
    [
        "stores.postgres=Host=postgres;Database=mixgateway;Username=mixgateway",
        "stores.redis=redis:6379",
        "secrets.existingSecret=gateway-secrets",
    ];

    private static readonly string[] Everything =
    [
        .. Needed, "autoscaling.enabled=true", "ingress.enabled=true", "ingress.host=gateway.example", "ingress.tlsSecret=gateway-tls",
        "ingress.knownProxies={10.0.0.0/16}", "environment.Quotas__Lease=00:00:20", "image.pullSecrets={registry}", "podAnnotations.a=b",
        "networkPolicy.from[0].namespaceSelector.matchLabels.a=b", "nodeSelector.a=b", "tolerations[0].key=a", "settings.Providers.sim.BaseUrl=https://sim.example/v1",
    ];

    [Fact]
    public async Task Chart_WithDefaultsAndWithEverything_IsValid()
    {
        foreach (var values in new[] { Needed, Everything })
        {
            var (exitCode, output, errors) = await Helm.LintAsync(values);
            exitCode.Should().Be(0, "{0}{1}", output, errors);
            await RenderAsync(values);
        }
    }

    [Fact]
    public async Task Chart_WithoutWhatItNeeds_NamesIt()
    {
        var (exitCode, _, errors) = await Helm.TemplateAsync();

        exitCode.Should().NotBe(0);
        errors.Should().ContainAll("/stores/postgres", "/stores/redis", "/secrets/existingSecret");
    }

    [Theory]
    [InlineData("stores.postgres=Host=db;Password=secret", "/stores/postgres")]
    [InlineData("stores.redis=redis:6379\\,password=secret", "/stores/redis")]
    [InlineData("image.tag=latest", "/image/tag")]
    [InlineData("replica=3", "replica")]
    [InlineData("shutdown.preStopSeconds=0", "/shutdown/preStopSeconds")]
    [InlineData("ingress.enabled=true", "/ingress/host")]
    public async Task Value_ThatWouldDoHarm_IsRefused(string value, string named)
    {
        var (exitCode, _, errors) = await Helm.TemplateAsync([.. Needed, value]);

        exitCode.Should().NotBe(0);
        errors.Should().Contain(named);
    }

    [Fact]
    public async Task Deployment_StopsAPodOnlyAfterAnotherIsReadyAndGivesItTime()
    {
        var deployment = (await RenderAsync(Needed)).OfType<V1Deployment>().Single();
        var pod = deployment.Spec.Template.Spec;
        var container = pod.Containers.Single();

        deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value.Should().Be("0");
        deployment.Spec.Replicas.Should().BeGreaterThan(1);
        var sleep = container.Lifecycle.PreStop.Sleep.Seconds;
        var stop = Setting(container, "ShutdownDelay") + Setting(container, "ShutdownTimeout") + TimeSpan.FromSeconds(10 + sleep);
        TimeSpan.FromSeconds(pod.TerminationGracePeriodSeconds!.Value).Should().BeGreaterThan(stop);
        var probe = container.ReadinessProbe;
        probe.HttpGet.Path.Should().Be("/health/ready");
        Setting(container, "ShutdownDelay").Should().BeGreaterThan(TimeSpan.FromSeconds((probe.PeriodSeconds * probe.FailureThreshold!.Value)!.Value), "not ready has to be noticed before calls are refused");
        container.LivenessProbe.HttpGet.Path.Should().Be("/health/live", "a store that is away is no reason to kill a gateway");
    }

    [Fact]
    public async Task Pods_OfEveryKind_HaveNoMoreRightsThanTheyNeed()
    {
        var objects = await RenderAsync(Everything);
        V1PodSpec[] pods = [objects.OfType<V1Deployment>().Single().Spec.Template.Spec, objects.OfType<V1Job>().Single().Spec.Template.Spec];

        foreach (var pod in pods)
        {
            pod.SecurityContext.RunAsNonRoot.Should().BeTrue();
            pod.SecurityContext.SeccompProfile.Type.Should().Be("RuntimeDefault");
            pod.AutomountServiceAccountToken.Should().BeFalse();
            var security = pod.Containers.Single().SecurityContext;
            security.ReadOnlyRootFilesystem.Should().BeTrue();
            security.AllowPrivilegeEscalation.Should().BeFalse();
            security.Capabilities.Drop.Should().Equal("ALL");
            pod.Volumes.Single(static volume => volume.Secret is not null).Secret.SecretName.Should().Be("gateway-secrets");
            pod.Containers.Single().Env.Should().OnlyContain(static variable => variable.ValueFrom == null);
        }

        objects.OfType<V1Secret>().Should().BeEmpty("secrets are the operator's");
    }

    [Fact]
    public async Task Migration_RunsBeforeTheGatewaysWithTheirSettings()
    {
        var objects = await RenderAsync(Needed);
        var job = objects.OfType<V1Job>().Single();
        var gateway = objects.OfType<V1Deployment>().Single().Spec.Template.Spec.Containers.Single();

        job.Metadata.Annotations["helm.sh/hook"].Should().Be("pre-install,pre-upgrade");
        job.Spec.Template.Spec.Containers.Single().Args.Should().Equal("--migrate");
        job.Spec.Template.Spec.Containers.Single().Image.Should().Be(gateway.Image);
        job.Spec.Template.Spec.Containers.Single().Env.Should().BeEquivalentTo(gateway.Env);
    }

    [Fact]
    public async Task Selectors_OfServiceBudgetAndPolicy_FindTheGateways()
    {
        var objects = await RenderAsync(Needed);
        var labels = objects.OfType<V1Deployment>().Single().Spec.Template.Metadata.Labels;
        var migration = objects.OfType<V1Job>().Single().Spec.Template.Metadata.Labels;
        var service = objects.OfType<V1Service>().Single();

        service.Spec.Selector.Should().BeSubsetOf(labels);
        service.Spec.Selector.Should().NotBeSubsetOf(migration, "a migration answers nobody");
        objects.OfType<V1PodDisruptionBudget>().Single().Spec.Selector.MatchLabels.Should().BeSubsetOf(labels);
        objects.OfType<V1NetworkPolicy>().Single().Spec.PodSelector.MatchLabels.Should().BeSubsetOf(labels);
        objects.OfType<V1Deployment>().Single().Spec.Selector.MatchLabels.Should().BeSubsetOf(labels);
    }

    [Fact]
    public async Task NetworkPolicy_LetsTheGatewayReachEverythingItTalksTo() =>
        (await RenderAsync(Needed)).OfType<V1NetworkPolicy>().Single().Spec.Egress.SelectMany(static rule => rule.Ports).Select(static port => port.Port.Value)
            .Should().BeEquivalentTo("53", "53", "443", "587", "4317", "5432", "6379");

    [Fact]
    public async Task Ingress_LetsStreamsPassAndKeepsMetricsInside()
    {
        var ingress = (await RenderAsync(Everything)).OfType<V1Ingress>().Single();

        ingress.Metadata.Annotations["nginx.ingress.kubernetes.io/proxy-buffering"].Should().Be("off");
        int.Parse(ingress.Metadata.Annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"], CultureInfo.InvariantCulture).Should().BeGreaterThanOrEqualTo(3600);
        ingress.Metadata.Annotations["nginx.ingress.kubernetes.io/proxy-next-upstream"].Should().Be("error", "a call that a gateway has begun is never sent again");
        ingress.Spec.Rules.Single().Http.Paths.Select(static path => path.Path).Should().BeEquivalentTo("/v1", "/api", "/dashboard", "/models", "/openapi", "/payments", "/");
        ingress.Spec.Rules.Single().Http.Paths.Single(static path => path.Path == "/").PathType.Should().Be("Exact", "what is for the inside stays there");
        ingress.Spec.Tls.Single().SecretName.Should().Be("gateway-tls");
    }

    [Fact]
    public async Task Autoscaler_CountsCallsInFlightOfTheDeployment()
    {
        var objects = await RenderAsync(Everything);
        var autoscaler = objects.OfType<V2HorizontalPodAutoscaler>().Single();
        var deployment = objects.OfType<V1Deployment>().Single();

        autoscaler.Spec.ScaleTargetRef.Name.Should().Be(deployment.Metadata.Name);
        autoscaler.Spec.Metrics.Single().Pods.Metric.Name.Should().Be("mixgateway_calls_running");
        deployment.Spec.Replicas.Should().BeNull("the autoscaler says how many");
    }

    [Fact]
    public async Task ServiceMonitor_ReadsTheMetricsOfTheService()
    {
        var (_, output, _) = await Helm.TemplateAsync([.. Needed, "serviceMonitor.enabled=true"]);

        Documents(output).Should().ContainSingle(static document => document.Contains("kind: ServiceMonitor", StringComparison.Ordinal))
            .Which.Should().ContainAll("port: http", "path: /metrics", "app.kubernetes.io/name: mixgateway");
    }

    [Fact]
    public async Task ServiceMonitor_WhateverTheReleaseIsCalled_GivesTheJobThatTheAlertsName()
    {
        var (_, output, _) = await Helm.TemplateAsync([.. Needed, "serviceMonitor.enabled=true"]);
        var label = Regex.Match(output, @"^  jobLabel: (\S+)$", RegexOptions.Multiline).Groups[1].Value;
        var service = (await RenderAsync(Needed)).OfType<V1Service>().Single();

        var jobs = Regex.Matches(RepositoryFiles.Read("deploy/prometheus/alerts.yml"), "job=\"([^\"]+)\"").Select(static match => match.Groups[1].Value);

        jobs.Should().NotBeEmpty().And.OnlyContain(job => job == service.Metadata.Labels[label]);
    }

    /// <summary>Every object, read so strictly that a field which Kubernetes does not know is an error.</summary>
    private static async Task<IReadOnlyList<object>> RenderAsync(string[] values)
    {
        var (exitCode, output, errors) = await Helm.TemplateAsync(values);
        exitCode.Should().Be(0, errors);
        var objects = KubernetesYaml.LoadAllFromString(output, strict: true);
        objects.Should().HaveCount(Documents(output).Count());
        return objects;
    }

    private static IEnumerable<string> Documents(string output) => output.Split("\n---\n").Where(static document => document.Contains("kind:", StringComparison.Ordinal));

    private static TimeSpan Setting(V1Container container, string name) =>
        TimeSpan.Parse(container.Env.Single(variable => variable.Name == name).Value, CultureInfo.InvariantCulture);
}
