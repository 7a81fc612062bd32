using System.Diagnostics.CodeAnalysis;
using MixGateway.Simulator.Answers;
using MixGateway.Simulator.Faults;

namespace MixGateway.Simulator;

/// <summary>Takes a call from its arrival to its end, and counts it.</summary>
internal sealed class SimulatorEndpoint(SimulatorState state, TimeProvider time)
{
    private readonly ScriptLibrary _scripts = new();

    /// <summary>Answers one operation.</summary>
    public RequestDelegate For(Operation operation) => context => RunAsync(context, operation);

    /// <summary>Answers a path that is none of the simulator's.</summary>
    public async Task AnswerUnknownAsync(HttpContext context)
    {
        state.Record(context.Request, ReadOnlyMemory<byte>.Empty);
        string message = $"Invalid URL ({context.Request.Method} {context.Request.Path})";
        await ErrorAnswer.SendAsync(context.Response, null, StatusCodes.Status404NotFound, message, null, "unknown_url");
    }

    public Task ListModelsAsync(HttpContext context)
    {
        state.Record(context.Request, ReadOnlyMemory<byte>.Empty);
        return ModelList.SendAsync(context.Response);
    }

    private async Task RunAsync(HttpContext context, Operation operation)
    {
        var count = new CountedCall(state);
        CallEnd end = CallEnd.Aborted;
        try
        {
            end = await AnswerAsync(context, count, operation);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            end = CallEnd.Aborted;
        }
        catch (IOException)
        {
            // The request's body broke off, or the connection did under a write.
            end = CallEnd.Aborted;
        }
        finally
        {
            count.End(end);
        }
    }

    private async Task<CallEnd> AnswerAsync(HttpContext context, CountedCall count, Operation operation)
    {
        ReadOnlyMemory<byte> body = await RequestBody.ReadAsync(context);
        state.Record(context.Request, body);
        if (!TryUnderstand(context, count, operation, body, out SimulatedCall? call, out string? error, out string? param))
        {
            return await ErrorAnswer.SendAsync(context.Response, count, StatusCodes.Status400BadRequest, error, param);
        }

        await call.PauseAsync(call.Script.First);
        if (await ScriptedFaults.MeetAsync(call) is CallEnd end)
        {
            return end;
        }

        if (operation == Operation.Embeddings)
        {
            return await EmbeddingsAnswer.SendAsync(call);
        }

        return call.Request.Stream ? await StreamAnswer.SendAsync(call) : await JsonAnswer.SendAsync(call);
    }

    private bool TryUnderstand(
        HttpContext context,
        CountedCall count,
        Operation operation,
        ReadOnlyMemory<byte> body,
        [NotNullWhen(true)] out SimulatedCall? call,
        [NotNullWhen(false)] out string? error,
        out string? param)
    {
        call = null;
        param = null;
        if (!SimulatedRequest.TryRead(body, operation, out SimulatedRequest? request, out error))
        {
            return false;
        }

        long number = state.BeginModel(request.Model);
        param = "model";
        if (!_scripts.TryGet(request.Model, out ScriptMaterial? material, out error))
        {
            return false;
        }

        call = new SimulatedCall(context, count, operation, request, material, number, time);
        return true;
    }
}
