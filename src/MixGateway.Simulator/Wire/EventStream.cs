using MixGateway.Simulator.Faults;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Wire;

/// <summary>
/// A response of server-sent events in the form that the script asks for, with the faults that it asks for in the middle.
/// One event is one flush. Every method that returns a Boolean says whether the stream goes on.
/// </summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly byte[] Malformed = "{\"id\":\"chatcmpl-broken\",\"object\":\"chat.comp"u8.ToArray();
    private static readonly byte[] Done = "[DONE]"u8.ToArray();

    private readonly SimulatedCall _call;
    private readonly SimulatorScript _script;
    private readonly EventFrame _frame;
    private readonly ResponseOutput _output;
    private readonly int? _errorAfter;
    private int _events;

    public EventStream(SimulatedCall call)
    {
        _call = call;
        _script = call.Script;
        _frame = new EventFrame(_script);
        _errorAfter = _script.OkWithError && call.MeetsFaults ? 0 : _script.ErrorAfter;
        bool isCompressed = ResponseOutput.Compresses(call);
        ResponseHeaders.Set(call, "text/event-stream; charset=utf-8", isCompressed);
        call.Context.Response.Headers.CacheControl = "no-cache";
        _output = new ResponseOutput(call, isCompressed);
    }

    /// <summary>How the stream ended, once it has.</summary>
    public CallEnd End { get; private set; } = CallEnd.Aborted;

    /// <summary>What the script wants before the first event.</summary>
    public ValueTask<bool> StartAsync() => ContinueAfterEventAsync();

    /// <summary>Sends one event.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> json)
    {
        if (_script.Malformed == _events + 1 && !await SendEventAsync(Malformed))
        {
            return false;
        }

        return _errorAfter == _events ? await SendErrorAsync() : await SendEventAsync(json);
    }

    /// <summary>Ends the stream: [DONE] unless the script leaves it out.</summary>
    public async ValueTask EndAsync()
    {
        if (_script.Malformed == _events + 1 && !await SendEventAsync(Malformed))
        {
            return;
        }

        if (_errorAfter == _events)
        {
            await SendErrorAsync();
            return;
        }

        if (!_script.NoDone && !_script.NoFinish)
        {
            _frame.Append(Done, isJson: false);
            if (_script.Trailing)
            {
                _frame.AppendTrailing();
            }
        }

        await _output.WriteEndAsync(_frame.Written, CallEnd.Completed);
        End = CallEnd.Completed;
    }

    public ValueTask DisposeAsync() => _output.DisposeAsync();

    private async ValueTask<bool> SendEventAsync(ReadOnlyMemory<byte> json)
    {
        if (_events > 0)
        {
            await _call.PauseAsync(_script.Delay);
        }

        _events++;
        _frame.Append(json.Span, isJson: true);
        if (!_script.Glue)
        {
            await _output.WriteAsync(_frame.Written);
            _frame.Clear();
        }

        return await ContinueAfterEventAsync();
    }

    private async ValueTask<bool> SendErrorAsync()
    {
        _frame.Append(ErrorJson.Of(_call, _script.Error ?? 500), isJson: true);
        await _output.WriteEndAsync(_frame.Written, CallEnd.Failed);
        End = CallEnd.Failed;
        return false;
    }

    private async ValueTask<bool> ContinueAfterEventAsync()
    {
        if (_script.Stall is Stall stall && stall.After == _events)
        {
            await _output.SendHeadersAsync();
            await _call.PauseAsync(stall.Duration);
        }

        if (_script.Cut != _events)
        {
            return true;
        }

        await _output.SendHeadersAsync();
        await _output.WriteAsync(_frame.Written);
        await _output.BreakAsync();
        End = CallEnd.Cut;
        return false;
    }
}
