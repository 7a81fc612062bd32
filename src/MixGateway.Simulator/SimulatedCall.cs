using MixGateway.Simulator.Answers;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator;

/// <summary>All that an answer is made of.</summary>
/// <param name="Number">Counts the calls of this model id, from 1.</param>
/// <param name="Material">What of the answer depends on the model id alone.</param>
internal sealed record SimulatedCall(
    HttpContext Context,
    CountedCall Count,
    Operation Operation,
    SimulatedRequest Request,
    ScriptMaterial Material,
    long Number,
    TimeProvider Time)
{
    public SimulatorScript Script => Material.Script;

    public int Choices => Script.Choices ?? Request.Choices;

    /// <summary>The script's faults apply to this call.</summary>
    public bool MeetsFaults => Script.FailingCalls is not int failing || Number <= failing;

    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>A scripted pause; ends at once where the caller leaves.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public Task PauseAsync(TimeSpan pause) => pause > TimeSpan.Zero ? Task.Delay(pause, Time, Aborted) : Task.CompletedTask;
}
