using System.Buffers;

namespace MixGateway.Simulator.Answers;

/// <summary>Renders the chunks of a stream. What is returned is valid until the next call.</summary>
internal sealed class ChunkRenderer
{
    private readonly SimulatedCall _call;
    private readonly AnswerPlan _plan;
    private readonly byte[] _head;
    private readonly bool _isChat;
    private readonly ArrayBufferWriter<byte> _json = new(512);

    public ChunkRenderer(SimulatedCall call, AnswerPlan plan)
    {
        _call = call;
        _plan = plan;
        _isChat = call.Operation == Operation.Chat;
        AnswerHead.Append(_json, call, _isChat ? "chat.completion.chunk"u8 : "text_completion"u8);
        _json.Write("\"model\":"u8);
        _json.Write(call.Material.Model);
        _json.Write(",\"choices\":["u8);
        _head = _json.WrittenSpan.ToArray();
    }

    /// <summary>The role alone, as OpenAI begins a chat.</summary>
    public ReadOnlyMemory<byte> Role(int choice)
    {
        BeginChoice(choice);
        _json.Write("\"role\":\"assistant\",\"content\":\"\""u8);
        EndChoice(null);
        return End(null);
    }

    /// <summary>A step of the plan.</summary>
    /// <param name="usage">The usage to report with it, if any.</param>
    public ReadOnlyMemory<byte> Step(int choice, int step, string? finish, TokenCounts? usage)
    {
        BeginChoice(choice);
        if (_isChat)
        {
            AppendDelta(step);
        }
        else
        {
            AppendText(_plan.Content[step]);
        }

        EndChoice(finish);
        return End(usage);
    }

    /// <summary>The chunk that has no content but the finish_reason.</summary>
    public ReadOnlyMemory<byte> Finish(int choice, TokenCounts? usage)
    {
        BeginChoice(choice);
        if (!_isChat)
        {
            AppendText([]);
        }

        EndChoice(_plan.Finish);
        return End(usage);
    }

    /// <summary>The extra chunk: no choices, only usage.</summary>
    public ReadOnlyMemory<byte> Usage()
    {
        _json.ResetWrittenCount();
        _json.Write(_head);
        return End(_plan.Counts);
    }

    private void BeginChoice(int choice)
    {
        _json.ResetWrittenCount();
        _json.Write(_head);
        _json.Write("{\"index\":"u8);
        _json.Number(choice);
        _json.Write(_isChat ? ",\"delta\":{"u8 : ","u8);
    }

    private void AppendDelta(int step)
    {
        if (step == 0 && !_call.Script.RoleChunk)
        {
            _json.Write("\"role\":\"assistant\","u8);
        }

        int content = step - _plan.ReasoningSteps;
        int tool = content - _plan.Content.Count;
        if (content < 0)
        {
            _json.Write(step == 0 ? "\"content\":null,\"reasoning_content\":\"thought\""u8 : "\"content\":null,\"reasoning_content\":\" thought\""u8);
        }
        else if (tool < 0)
        {
            _json.Write("\"content\":\""u8);
            _json.Write(_plan.Content[content]);
            _json.Write("\""u8);
        }
        else
        {
            _json.Write("\"tool_calls\":["u8);
            ToolCall.AppendChunk(_json, _call.Request.ToolName, tool, _plan.ToolSteps);
            _json.Write("]"u8);
        }
    }

    private void AppendText(byte[] piece)
    {
        _json.Write("\"text\":\""u8);
        _json.Write(piece);
        _json.Write("\",\"logprobs\":null"u8);
    }

    private void EndChoice(string? finish)
    {
        _json.Write(_isChat ? "},\"finish_reason\":"u8 : ",\"finish_reason\":"u8);
        if (finish is null)
        {
            _json.Write("null}"u8);
        }
        else
        {
            _json.String(finish);
            _json.Write("}"u8);
        }
    }

    private ReadOnlyMemory<byte> End(TokenCounts? usage)
    {
        _json.Write("]"u8);
        if (usage is TokenCounts counts)
        {
            _json.Write(","u8);
            counts.AppendTo(_json, _call.Script.DeepSeekUsage);
        }
        else if (_call.Script.NullUsage)
        {
            _json.Write(",\"usage\":null"u8);
        }

        _json.Write("}"u8);
        return _json.WrittenMemory;
    }
}
