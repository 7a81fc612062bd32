using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Answers;

/// <summary>What can be made ready once for a model id, however often it is called.</summary>
/// <param name="Model">The value of <c>model</c> in the answer, as JSON.</param>
/// <param name="FixedText">The answer; null where it echoes.</param>
internal sealed record ScriptMaterial(SimulatorScript Script, byte[] Model, AnswerText? FixedText)
{
    public static ScriptMaterial Of(SimulatorScript script)
    {
        byte[] model = script.NullModel
            ? "null"u8.ToArray()
            : [(byte)'"', .. JsonAppend.Escape(script.ReportedModel ?? script.Id), (byte)'"'];
        return new ScriptMaterial(script, model, script.IsEcho ? null : AnswerText.Scripted(script));
    }
}
