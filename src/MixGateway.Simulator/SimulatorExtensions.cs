using Microsoft.AspNetCore.Http.Features;

namespace MixGateway.Simulator;

/// <summary>Puts the simulator into any application.</summary>
public static class SimulatorExtensions
{
    /// <summary>Maps the simulator's endpoints: <c>/v1/…</c> and <c>/_simulator/…</c> under the prefix.</summary>
    /// <param name="prefix">Empty for the root; else begins with a slash.</param>
    /// <param name="state">Where calls are counted; one of its own where none is given.</param>
    public static RouteGroupBuilder MapSimulator(
        this IEndpointRouteBuilder endpoints, string prefix = "", SimulatorOptions? options = null, SimulatorState? state = null)
    {
        options ??= new SimulatorOptions();
        state ??= new SimulatorState(options.RecordedRequests);
        var calls = new SimulatorEndpoint(state, options.TimeProvider);
        var counters = new StateEndpoint(state);

        RouteGroupBuilder group = endpoints.MapGroup(prefix);
        group.MapPost("/v1/chat/completions", Unlimited(calls.For(Operation.Chat)));
        group.MapPost("/v1/completions", Unlimited(calls.For(Operation.Text)));
        group.MapPost("/v1/embeddings", Unlimited(calls.For(Operation.Embeddings)));
        group.MapGet("/v1/models", calls.ListModelsAsync);
        group.Map("/v1/{**path}", calls.AnswerUnknownAsync);
        group.MapGet("/_simulator/state", counters.ReadAsync);
        group.MapPost("/_simulator/reset", counters.ResetAsync);
        return group;
    }

    /// <summary>Takes bodies of any size: limits are for the gateway to test, not for its upstream.</summary>
    private static RequestDelegate Unlimited(RequestDelegate next) => context =>
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        return next(context);
    };
}
