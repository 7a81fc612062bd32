using MixGateway.Simulator.Scripting;
using MixGateway.Simulator.Wire;

namespace MixGateway.Simulator.Answers;

/// <summary>Streams a completion, chunk by chunk.</summary>
internal sealed class StreamAnswer
{
    private readonly SimulatorScript _script;
    private readonly AnswerPlan _plan;
    private readonly ChunkRenderer _chunks;
    private readonly EventStream _events;
    private readonly bool _asked;

    private StreamAnswer(SimulatedCall call, EventStream events)
    {
        _script = call.Script;
        _plan = new AnswerPlan(call);
        _chunks = new ChunkRenderer(call, _plan);
        _events = events;
        _asked = call.Request.IncludeUsage;
    }

    public static async Task<CallEnd> SendAsync(SimulatedCall call)
    {
        await using var events = new EventStream(call);
        var answer = new StreamAnswer(call, events);
        if (await events.StartAsync()
            && await answer.SendRolesAsync(call)
            && await answer.SendStepsAsync()
            && await answer.SendFinishAsync())
        {
            await events.EndAsync();
        }

        return events.End;
    }

    private bool HasExtraUsage => _script.Usage switch
    {
        UsageMode.Asked or UsageMode.First or UsageMode.Every => _asked,
        UsageMode.Always or UsageMode.Zero => true,
        _ => false,
    };

    private async ValueTask<bool> SendRolesAsync(SimulatedCall call)
    {
        bool goesOn = true;
        for (int choice = 0; choice < _plan.Choices && goesOn && _script.RoleChunk && call.Operation == Operation.Chat; choice++)
        {
            goesOn = await _events.SendAsync(_chunks.Role(choice));
        }

        return goesOn;
    }

    private async ValueTask<bool> SendStepsAsync()
    {
        long all = (long)_plan.Steps * _plan.Choices;
        long sent = 0;
        for (int step = 0; step < _plan.Steps; step++)
        {
            bool isLastStep = step == _plan.Steps - 1;
            string? finish = isLastStep && _script.Usage == UsageMode.Last && !_script.NoFinish ? _plan.Finish : null;
            for (int choice = 0; choice < _plan.Choices; choice++)
            {
                sent++;
                TokenCounts? usage = _script.Usage switch
                {
                    UsageMode.Every => _plan.Counts.After(sent, all),
                    UsageMode.First when sent == 1 => _plan.Counts.After(sent, all),
                    UsageMode.Last when sent == all => _plan.Counts,
                    _ => null,
                };
                if (!await _events.SendAsync(_chunks.Step(choice, step, finish, usage)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>The finish_reason of each choice, where no content chunk had it, and the extra usage chunk.</summary>
    private async ValueTask<bool> SendFinishAsync()
    {
        if (_script.NoFinish)
        {
            return true;
        }

        bool isSent = _script.Usage == UsageMode.Last && _plan.Steps > 0;
        TokenCounts? usage = _script.Usage is UsageMode.Every or UsageMode.Last ? _plan.Counts : null;
        for (int choice = 0; choice < _plan.Choices && !isSent; choice++)
        {
            if (!await _events.SendAsync(_chunks.Finish(choice, usage)))
            {
                return false;
            }
        }

        return !HasExtraUsage || await _events.SendAsync(_chunks.Usage());
    }
}
