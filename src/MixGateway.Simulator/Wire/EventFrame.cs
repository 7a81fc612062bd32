using System.Buffers;
using MixGateway.Simulator.Answers;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Wire;

/// <summary>Puts events into lines, in any of the forms that the standard for server-sent events allows.</summary>
internal sealed class EventFrame(SimulatorScript script)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private readonly byte[] _lineEnd = script.LineEnding switch
    {
        LineEnding.CrLf => "\r\n"u8.ToArray(),
        LineEnding.Cr => "\r"u8.ToArray(),
        _ => "\n"u8.ToArray(),
    };

    private int _events;

    /// <summary>What was appended since the last <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public void Clear() => _bytes.ResetWrittenCount();

    public void Append(ReadOnlySpan<byte> data, bool isJson)
    {
        if (_events++ == 0 && script.ByteOrderMark)
        {
            _bytes.Write("\uFEFF"u8);
        }

        if (script.Comments)
        {
            _bytes.Write(": keep-alive"u8);
            _bytes.Write(_lineEnd);
            _bytes.Write(_lineEnd);
        }

        if (script.EventLines)
        {
            _bytes.Write("event: message"u8);
            _bytes.Write(_lineEnd);
            _bytes.Write("id: "u8);
            _bytes.Number(_events);
            _bytes.Write(_lineEnd);
        }

        if (script.MultiLine && isJson)
        {
            AppendLines(data);
        }
        else
        {
            AppendLine(data);
        }

        _bytes.Write(_lineEnd);
    }

    public void AppendTrailing()
    {
        _bytes.Write("data: bytes after the end"u8);
        _bytes.Write(_lineEnd);
    }

    private void AppendLine(ReadOnlySpan<byte> data)
    {
        _bytes.Write(script.NoSpace ? "data:"u8 : "data: "u8);
        _bytes.Write(data);
        _bytes.Write(_lineEnd);
    }

    /// <summary>Breaks the line after each comma outside of strings: a line feed there is white space of the JSON.</summary>
    private void AppendLines(ReadOnlySpan<byte> json)
    {
        bool inString = false;
        int start = 0;
        for (int i = 0; i < json.Length; i++)
        {
            switch (json[i])
            {
                case (byte)'\\':
                    i++;
                    break;
                case (byte)'"':
                    inString = !inString;
                    break;
                case (byte)',' when !inString:
                    AppendLine(json[start..(i + 1)]);
                    start = i + 1;
                    break;
            }
        }

        AppendLine(json[start..]);
    }
}
