using System.Buffers;
using System.Text.Json;

namespace MixGateway.OpenAI;

internal sealed partial class JsonAnswerScanner
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> ScalarEnd = SearchValues.Create(",} \t\r\n"u8);

    private int SkipScalar(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.IndexOfAny(ScalarEnd);
        if (length < 0)
        {
            return Emit(bytes);
        }

        Emit(bytes[..length]);
        EndValue();
        return length == 0 ? Step(bytes) : length;
    }

    private int SkipString(ReadOnlySpan<byte> bytes)
    {
        if (_escaped)
        {
            _escaped = false;
            return EmitString(bytes[..1]);
        }

        var length = bytes.IndexOfAny((byte)'"', (byte)'\\');
        if (length < 0)
        {
            return EmitString(bytes);
        }

        if (bytes[length] == (byte)'\\')
        {
            _escaped = true;
            return EmitString(bytes[..(length + 1)]);
        }

        EmitString(bytes[..length]);
        Emit(bytes.Slice(length, 1));
        switch (_place)
        {
            case Place.Name:
                _place = Place.AfterName;
                break;
            case Place.ContainerString:
                _place = Place.Container;
                break;
            default:
                EndValue();
                break;
        }

        return length + 1;
    }

    private int EmitString(ReadOnlySpan<byte> bytes)
    {
        if (_place == Place.Name)
        {
            if (_nameLength + bytes.Length <= MaxNameBytes)
            {
                bytes.CopyTo(_name.AsSpan(_nameLength));
                _nameLength += bytes.Length;
            }
            else
            {
                _nameLength = MaxNameBytes + 1;
            }
        }

        return Emit(bytes);
    }

    private int SkipContainer(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.IndexOfAny(Structure);
        if (length < 0)
        {
            return Emit(bytes);
        }

        Emit(bytes[..(length + 1)]);
        switch (bytes[length])
        {
            case (byte)'"':
                _place = Place.ContainerString;
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                break;
            default:
                if (--_depth == 0)
                {
                    EndValue();
                }

                break;
        }

        return length + 1;
    }

    private void EndValue()
    {
        _place = Place.AfterValue;
        _dropping = false;
        if (_member == Member.Usage)
        {
            ReadUsage();
        }

        _member = Member.Other;
    }

    private void ReadUsage()
    {
        Usage = null;
        if (_usage.Length is 0 or > MaxUsageBytes || _usage.Span[0] != (byte)'{')
        {
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(_usage.Span, new JsonReaderOptions { MaxDepth = RequestReader.MaxDepth });
            reader.Read();
            Usage = UsageReader.TryRead(ref reader, out var usage) ? usage : null;
        }
        catch (JsonException)
        {
            // As if it had not been reported: the call is estimated.
        }
    }
}
