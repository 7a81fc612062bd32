using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using MixGateway.Simulator.Scripting;
using MixGateway.Simulator.Wire;

namespace MixGateway.Simulator.Answers;

/// <summary>Answers a completion in one JSON body.</summary>
internal static class JsonAnswer
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task<CallEnd> SendAsync(SimulatedCall call)
    {
        var plan = new AnswerPlan(call);
        ReadOnlyMemory<byte> body = Render(call, plan, 0);
        if (call.Script.Big is int big && body.Length < big)
        {
            body = Render(call, plan, big - body.Length);
        }

        return JsonBody.SendAsync(call, body);
    }

    private static ReadOnlyMemory<byte> Render(SimulatedCall call, AnswerPlan plan, int padding)
    {
        SimulatorScript script = call.Script;
        bool isChat = call.Operation == Operation.Chat;
        var json = new ArrayBufferWriter<byte>(512);
        AnswerHead.Append(json, call, isChat ? "chat.completion"u8 : "text_completion"u8);
        if (!script.Pretty)
        {
            json.Write("\"model\":"u8);
            json.Write(call.Material.Model);
            json.Write(","u8);
        }

        AppendChoices(json, call, plan, isChat);
        AppendPadding(json, script, padding);
        if (script.Usage != UsageMode.Never)
        {
            json.Write(","u8);
            plan.Counts.AppendTo(json, script.DeepSeekUsage);
        }

        if (!script.Pretty)
        {
            json.Write("}"u8);
            return json.WrittenMemory;
        }

        json.Write(",\"model\":"u8);
        json.Write(call.Material.Model);
        json.Write("}"u8);
        return Indent(json.WrittenMemory);
    }

    private static void AppendChoices(ArrayBufferWriter<byte> json, SimulatedCall call, AnswerPlan plan, bool isChat)
    {
        json.Write("\"choices\":["u8);
        for (int choice = 0; choice < plan.Choices; choice++)
        {
            json.Write(choice == 0 ? "{\"index\":"u8 : ",{\"index\":"u8);
            json.Number(choice);
            if (isChat)
            {
                AppendMessage(json, call, plan);
            }
            else
            {
                json.Write(",\"text\":"u8);
                AppendContent(json, plan);
            }

            json.Write(",\"logprobs\":null,\"finish_reason\":"u8);
            json.String(plan.Finish);
            json.Write("}"u8);
        }

        json.Write("]"u8);
    }

    private static void AppendMessage(ArrayBufferWriter<byte> json, SimulatedCall call, AnswerPlan plan)
    {
        json.Write(",\"message\":{\"role\":\"assistant\",\"content\":"u8);
        if (plan.Content.Count == 0 && plan.ToolSteps > 0)
        {
            json.Write("null"u8);
        }
        else
        {
            AppendContent(json, plan);
        }

        if (plan.ReasoningSteps > 0)
        {
            json.Write(",\"reasoning_content\":\"thought"u8);
            for (int step = 1; step < plan.ReasoningSteps; step++)
            {
                json.Write(" thought"u8);
            }

            json.Write("\""u8);
        }

        if (plan.ToolSteps > 0)
        {
            json.Write(",\"tool_calls\":["u8);
            ToolCall.AppendWhole(json, call.Request.ToolName, plan.ToolSteps);
            json.Write("]"u8);
        }

        json.Write("}"u8);
    }

    private static void AppendContent(ArrayBufferWriter<byte> json, AnswerPlan plan)
    {
        json.Write("\""u8);
        for (int i = 0; i < plan.Content.Count; i++)
        {
            json.Write(plan.Content[i]);
        }

        json.Write("\""u8);
    }

    /// <summary>A member that no client knows: the padding is not content, so it changes no count.</summary>
    private static void AppendPadding(ArrayBufferWriter<byte> json, SimulatorScript script, int padding)
    {
        if (script.Big is null)
        {
            return;
        }

        json.Write(",\"padding\":\""u8);
        json.GetSpan(Math.Max(1, padding))[..padding].Fill((byte)'x');
        json.Advance(padding);
        json.Write("\""u8);
    }

    private static ReadOnlyMemory<byte> Indent(ReadOnlyMemory<byte> compact)
    {
        using var document = JsonDocument.Parse(compact);
        var indented = new ArrayBufferWriter<byte>(compact.Length * 2);
        using (var writer = new Utf8JsonWriter(indented, Indented))
        {
            document.RootElement.WriteTo(writer);
        }

        return indented.WrittenMemory;
    }
}
