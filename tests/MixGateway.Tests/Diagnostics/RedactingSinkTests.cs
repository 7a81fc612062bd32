using System.Globalization;
using MixGateway.Diagnostics;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MixGateway.Tests.Diagnostics;

/// <summary>No sink gets a credential, whatever it writes of an event.</summary>
public sealed class RedactingSinkTests : IDisposable
{
    private const string Secret = "sk-test1234567890abcdef";

    private readonly Kept _kept = new();
    private readonly RedactingSink _sink;
    private readonly Logger _log;

    public RedactingSinkTests()
    {
        _sink = new RedactingSink(new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(_kept).CreateLogger(), new Redactor());
        _log = new LoggerConfiguration().WriteTo.Sink(_sink).CreateLogger();
    }

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Credential_AnywhereInAnEvent_ReachesNoSink()
    {
        _log.Error(new InvalidOperationException($"refused {Secret}", new ArgumentException($"inner {Secret}")), "A key {Key} failed", Secret);
        _log.Information("In a list {@List}, an object {@Object}, a map {Map} and an address {Address}",
            new[] { "fine", Secret }, new { Inner = new { Text = $"x {Secret}" } }, new Dictionary<string, string> { ["k"] = Secret }, new Uri($"https://host/?key={Secret}"));
        _log.Information("Bearer {Token}", "abcdef0123456789abcdef");
        _log.Information("Signed in with {Password}", "hunter2hunter2");

        _kept.Written.Should().HaveCount(4);
        _kept.Written.Should().OnlyContain(static line => !line.Contains(Secret) && !line.Contains("abcdef0123456789") && !line.Contains("hunter2") && line.Contains("[REDACTED"));
    }

    [Fact]
    public void Event_WithoutCredentials_IsPassedAsItIs()
    {
        _log.Information(new InvalidOperationException("broken"), "Call {RequestId} of {Model} took {Milliseconds} ms", Guid.Empty, "demo:echo", 12.5);

        var passed = _kept.Events.Should().ContainSingle().Which;
        _sink.Redact(passed).Should().BeSameAs(passed);
        passed.Properties["Milliseconds"].Should().BeEquivalentTo(new ScalarValue(12.5));
    }

    private sealed class Kept : ILogEventSink
    {
        public List<LogEvent> Events { get; } = [];

        /// <summary>Everything that a sink may write of each event.</summary>
        public IEnumerable<string> Written => Events.Select(static entry =>
            entry.RenderMessage(CultureInfo.InvariantCulture) + entry.MessageTemplate.Text + string.Join(' ', entry.Properties.Select(static property => $"{property.Key}={property.Value}")) + entry.Exception + entry.Exception?.Message + entry.Exception?.InnerException?.Message);

        public void Emit(LogEvent logEvent) => Events.Add(logEvent);
    }
}
