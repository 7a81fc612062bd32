using MixGateway.Simulator.Scripting;
using MixGateway.Simulator.Wire;

namespace MixGateway.Simulator.Faults;

/// <summary>What goes wrong before there is an answer.</summary>
internal static class ScriptedFaults
{
    /// <summary>How the call ended; null where the script has no such fault for this call, and an answer is due.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public static async ValueTask<CallEnd?> MeetAsync(SimulatedCall call)
    {
        SimulatorScript script = call.Script;
        if (!call.MeetsFaults)
        {
            return null;
        }

        if (script.Hang)
        {
            await Task.Delay(Timeout.Infinite, call.Aborted);
        }

        if (script.Reset)
        {
            call.Count.End(CallEnd.Cut);
            BrokenConnection.Reset(call.Context);
            return CallEnd.Cut;
        }

        if (script.OkWithError)
        {
            return call.Request.Stream ? null : await ErrorAnswer.SendAsync(call, StatusCodes.Status200OK);
        }

        if (ErrorStatus(script) is int status)
        {
            return await ErrorAnswer.SendAsync(call, status);
        }

        return Redirect(call);
    }

    private static int? ErrorStatus(SimulatorScript script)
    {
        // An error after some events is not one before the answer; it only takes its words from the status.
        if (script.ErrorAfter is not null)
        {
            return null;
        }

        int? status = script.Error ?? (script.Status >= 400 ? script.Status : null);
        return status ?? (script.FailingCalls is not null ? StatusCodes.Status500InternalServerError : null);
    }

    private static CallEnd? Redirect(SimulatedCall call)
    {
        if (call.Script.Status is not (>= 300 and < 400))
        {
            return null;
        }

        call.Context.Response.StatusCode = call.Script.Status.Value;
        call.Context.Response.Headers.Location = "/v1/models";
        call.Context.Response.ContentLength = call.Script.Status == StatusCodes.Status304NotModified ? null : 0;
        return CallEnd.Failed;
    }
}
