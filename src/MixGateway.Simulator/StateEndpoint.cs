using System.Text.Json;

namespace MixGateway.Simulator;

/// <summary>The counters over HTTP, for whoever runs the simulator as a process of its own.</summary>
internal sealed class StateEndpoint(SimulatorState state)
{
    public async Task ReadAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteNumber("calls", state.Calls);
        json.WriteNumber("completions", state.Completions);
        json.WriteNumber("failures", state.Failures);
        json.WriteNumber("cuts", state.Cuts);
        json.WriteNumber("aborts", state.Aborts);
        json.WriteNumber("inFlight", state.InFlight);
        json.WriteStartObject("models");
        foreach ((string model, long calls) in state.CallsByModel)
        {
            json.WriteNumber(model, calls);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    public Task ResetAsync(HttpContext context)
    {
        state.Reset();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
