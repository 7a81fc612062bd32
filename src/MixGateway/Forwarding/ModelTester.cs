using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MixGateway.Catalog;
using MixGateway.OpenAI;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>What a tiny call showed of a model.</summary>
/// <param name="Model">The canonical name.</param>
/// <param name="Destination">The credential that was used: its position and a piece of its hash.</param>
/// <param name="HttpStatus">The provider's; null where there was no answer.</param>
/// <param name="FirstTokenMs">Until the first byte of the answer's body; null if there was none.</param>
/// <param name="Error">What the provider or the network said, without secrets; null if the model answered.</param>
internal sealed record ModelTest(string Model, string Destination, int? HttpStatus, int? FirstTokenMs, int DurationMs, string? Error);

/// <summary>
/// Calls a model as callers' calls do, over the same connections and with the same credential, but for nobody's account: a prompt of
/// one word, a few tokens of answer, one test at a time. It changes nothing in what is known of the provider's health.
/// </summary>
internal sealed class ModelTester(IProxyStateLookup clusters, CatalogProxyConfig proxyConfig, TimeProvider time) : IDisposable
{
    private const int MaxTokens = 16;
    private const int MaxAnswer = 64 * 1024;
    private const int MaxMessageLength = 300;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <returns>Null if another test is running.</returns>
    public async Task<ModelTest?> TryRunAsync(ResolvedModel model, CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return null;
        }

        try
        {
            return await RunAsync(model, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ModelTest> RunAsync(ResolvedModel model, CancellationToken cancellationToken)
    {
        var name = model.Provider.Name;
        if (!clusters.TryGetCluster(name, out var cluster) || DestinationOf(cluster) is not { } destination)
        {
            return new ModelTest(model.CanonicalName, "", null, null, 0, "The provider is just being configured. Try again in a moment.");
        }

        var test = await SendAsync(model, cluster, destination, "max_tokens", cancellationToken);
        return test is { HttpStatus: (int)HttpStatusCode.BadRequest, Error: { } error } && error.Contains("max_completion_tokens", StringComparison.Ordinal)
            ? await SendAsync(model, cluster, destination, "max_completion_tokens", cancellationToken)
            : test;
    }

    private static string? DestinationOf(ClusterState cluster) => cluster.DestinationsState switch
    {
        { AvailableDestinations: [var available, ..] } => available.DestinationId,
        { AllDestinations: [var any, ..] } => any.DestinationId,
        _ => null,
    };

    /// <param name="limit">What the provider calls the most tokens to answer with.</param>
    private async Task<ModelTest> SendAsync(ResolvedModel model, ClusterState cluster, string destination, string limit, CancellationToken cancellationToken)
    {
        var target = proxyConfig.TargetOf(model.Provider);
        var credential = target.CredentialOf(destination);
        var started = time.GetTimestamp();
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        watch.CancelAfter(Timeout);
        int? status = null;
        try
        {
            using var request = Request(target, cluster, credential, Body(model.ModelId, limit));
            using var answer = await cluster.Model.HttpClient.SendAsync(request, watch.Token);
            status = (int)answer.StatusCode;
            var (body, firstByte) = await ReadAsync(answer, watch.Token);
            var error = answer.IsSuccessStatusCode ? ErrorWithin(body) : UpstreamHints.Describe(model.Provider, answer, body) ?? Message(body, status.Value);
            return Result(error, firstByte is { } at ? (int)time.GetElapsedTime(started, at).TotalMilliseconds : null);
        }
        catch (Exception e) when (UpstreamFailure.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            return Result(Describe(e, model.Provider), null);
        }

        ModelTest Result(string? error, int? firstTokenMs) => new(
            model.CanonicalName, destination, status, error is null ? firstTokenMs : null, (int)time.GetElapsedTime(started).TotalMilliseconds,
            error is null ? null : Cut(ErrorSanitizer.Clean(error, credential?.ApiKey, model.ModelId, model.CanonicalName)));
    }

    /// <summary>A time-out of the connection is the provider's own setting, and may be much shorter than the test's.</summary>
    private static string Describe(Exception exception, Provider provider) => exception switch
    {
        OperationCanceledException { InnerException: TimeoutException } => string.Create(
            CultureInfo.InvariantCulture, $"No connection within {provider.ConnectTimeout.TotalSeconds:0.###} seconds (Providers:{provider.Name}:{nameof(Provider.ConnectTimeout)}){(provider.Proxy is { } proxy ? $" through the proxy {proxy}" : "")}."),
        OperationCanceledException => $"No answer within {Timeout.TotalSeconds:0} seconds.",
        _ => exception.GetBaseException().Message,
    };

    private static HttpRequestMessage Request(UpstreamTarget target, ClusterState cluster, Credential? credential, byte[] body)
    {
        var settings = cluster.Model.Config.HttpRequest;
        var request = new HttpRequestMessage(HttpMethod.Post, target.AddressOf(ApiOperation.ChatCompletions))
        {
            Version = settings?.Version ?? HttpVersion.Version20,
            VersionPolicy = settings?.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.UserAgent.ParseAdd("MixGateway");
        if (credential?.Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return request;
    }

    private static byte[] Body(string modelId, string limit) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["model"] = modelId,
        ["messages"] = new[] { new { role = "user", content = "Hi" } },
        [limit] = MaxTokens,
        ["stream"] = true,
    });

    /// <summary>As much of the answer as it takes to see that there is one.</summary>
    private async Task<(byte[] Body, long? FirstByte)> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxAnswer];
        var length = 0;
        long? first = null;
        while (length < buffer.Length && await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is var read and > 0)
        {
            first ??= time.GetTimestamp();
            length += read;
        }

        return (buffer[..length], first);
    }

    /// <summary>Some providers answer with 200 and then say that they failed, in the body or in the first event.</summary>
    private static string? ErrorWithin(ReadOnlySpan<byte> body)
    {
        var first = body.TrimStart(" \r\n"u8);
        if (first.IsEmpty)
        {
            return "The provider gave no answer.";
        }

        var prefix = "data:"u8;
        if (first.StartsWith(prefix))
        {
            first = first[prefix.Length..];
            first = first.IndexOf((byte)'\n') is var end and >= 0 ? first[..end] : first;
        }

        return ProviderErrorReader.TryRead(first, out var error) ? error.Message : null;
    }

    private static string Message(byte[] body, int status) =>
        ProviderErrorReader.TryRead(body, out var error) && error.Message is { } message ? message : $"The provider answered with status {status}.";

    private static string Cut(string text) => text.Length <= MaxMessageLength ? text : string.Concat(text.AsSpan(0, MaxMessageLength), "…");
}
