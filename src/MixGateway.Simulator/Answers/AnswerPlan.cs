using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Answers;

/// <summary>What an answer consists of, before it takes the form of JSON or of a stream: reasoning, then content, then a tool call.</summary>
internal sealed class AnswerPlan
{
    public AnswerPlan(SimulatedCall call)
    {
        SimulatorScript script = call.Script;
        bool isChat = call.Operation == Operation.Chat;
        Choices = call.Choices;
        Content = (call.Material.FixedText ?? AnswerText.Echo(script, call.Request.LastText)).Pieces;
        ReasoningSteps = isChat ? script.ReasoningChunks : 0;
        ToolSteps = isChat ? script.Tools : 0;
        Finish = script.Finish ?? (ToolSteps > 0 ? "tool_calls" : "stop");
        Counts = TokenCounts.Of(call, (long)Steps * Choices, (long)ReasoningSteps * Choices);
    }

    public int Choices { get; }

    public IReadOnlyList<byte[]> Content { get; }

    public int ReasoningSteps { get; }

    public int ToolSteps { get; }

    public string Finish { get; }

    public TokenCounts Counts { get; }

    /// <summary>Chunks of each choice.</summary>
    public int Steps => ReasoningSteps + Content.Count + ToolSteps;
}
