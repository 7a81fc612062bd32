using Microsoft.Extensions.Options;

namespace MixGateway.Diagnostics;

/// <summary>What is measured, and who is told; section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    public const int DefaultMaxModels = 100;

    /// <summary>Where an OpenTelemetry collector takes metrics and traces; the same as <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, which goes first.</summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary>So many models that only a <c>*</c> covers have a label of their own; the others are <c>other</c>.</summary>
    public int MaxModels { get; set; } = DefaultMaxModels;

    /// <summary>Lets the debug log of an account hold what its callers ask and get.</summary>
    public bool DebugContent { get; set; }

    /// <summary>What the line of a call says of where it came from.</summary>
    public LoggedAddress CallerAddress { get; set; } = LoggedAddress.Full;
}

/// <summary>How much of a caller's address is logged.</summary>
internal enum LoggedAddress
{
    /// <summary>All of it.</summary>
    Full,

    /// <summary>The network alone: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.</summary>
    Network,

    /// <summary>Nothing.</summary>
    None,
}

internal sealed class TelemetryOptionsValidation(IConfiguration configuration) : IValidateOptions<TelemetryOptions>
{
    private const int MostModels = 1000;

    /// <summary>The exporters ignore what they cannot read, and send to nobody knows where.</summary>
    private static readonly string[] EndpointKeys = [TelemetryExtensions.OtlpEndpointKey, TelemetryExtensions.EndpointKeyOf("METRICS"), TelemetryExtensions.EndpointKeyOf("TRACES")];

    private static readonly string[] ProtocolKeys = ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"];

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        List<string> errors = [];
        if (!IsAddress(options.OtlpEndpoint))
        {
            errors.Add("Telemetry:OtlpEndpoint must be an http or https address without a user, such as http://127.0.0.1:4317; a credential goes into OTEL_EXPORTER_OTLP_HEADERS.");
        }

        errors.AddRange(EndpointKeys.Where(key => configuration[key] != options.OtlpEndpoint && !IsAddress(configuration[key]))
            .Select(static key => $"{key} must be an http or https address without a user, such as http://127.0.0.1:4317; a credential goes into OTEL_EXPORTER_OTLP_HEADERS."));
        errors.AddRange(ProtocolKeys.Where(key => configuration[key] is not (null or "" or "grpc" or "http/protobuf"))
            .Select(static key => $"{key} has to be grpc or http/protobuf."));
        if (options.MaxModels is < 0 or > MostModels)
        {
            errors.Add($"Telemetry:MaxModels is {options.MaxModels}: set it between 0 and {MostModels}.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>Also true for none.</summary>
    private static bool IsAddress(string? text) =>
        string.IsNullOrEmpty(text)
        || (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) && address.UserInfo.Length == 0);
}
