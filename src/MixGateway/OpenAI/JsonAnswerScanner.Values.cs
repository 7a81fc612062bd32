using System.Buffers;

namespace MixGateway.OpenAI;

internal sealed partial class JsonAnswerScanner
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> ScalarEnd = SearchValues.Create(",} \t\r\n"u8);

    /// <summary>What stands directly in the container that is read, counted as <see cref="AnswerDigest"/> does.</summary>
    private int Depth => _depth + 1;

    private int BeginValue(ReadOnlySpan<byte> bytes)
    {
        _member = Identify();
        if (_member == Member.Model)
        {
            _output.Append(_model.Span);
            _dropping = true;
        }

        if (_member is Member.Model or Member.Other)
        {
            _digest.BeginSkipped(bytes[0] == (byte)'[' ? "[]"u8 : "null"u8);
        }

        switch (bytes[0])
        {
            case (byte)'"':
                _place = Place.String;
                _digest.BeginString(depth: 1);
                break;
            case (byte)'{' or (byte)'[':
                _place = Place.Container;
                _digest.AppendAt(1, bytes[..1]);
                _depth = 1;
                break;
            default:
                _place = Place.Scalar;
                return SkipScalar(bytes);
        }

        return Emit(bytes[..1]);
    }

    private int SkipScalar(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.IndexOfAny(ScalarEnd);
        var scalar = length < 0 ? bytes : bytes[..length];
        _digest.AppendAt(1, scalar);
        Emit(scalar);
        if (length < 0)
        {
            return bytes.Length;
        }

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
                _digest.EndString(depth: 1);
                _place = Place.AfterName;
                break;
            case Place.ContainerString:
                EndContainerString();
                break;
            default:
                _digest.EndString(depth: 1);
                EndValue();
                break;
        }

        return length + 1;
    }

    private void EndContainerString()
    {
        _digest.EndString(Depth);
        if (_member == Member.Choices)
        {
            _text.End();
        }

        _place = Place.Container;
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
        else if (_place == Place.ContainerString && _member == Member.Choices)
        {
            _text.Append(bytes);
        }

        _digest.AppendString(bytes);
        return Emit(bytes);
    }

    private int SkipContainer(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.IndexOfAny(Structure);
        if (length < 0)
        {
            _digest.AppendAt(Depth, bytes);
            return Emit(bytes);
        }

        _digest.AppendAt(Depth, bytes[..length]);
        Emit(bytes[..(length + 1)]);
        switch (bytes[length])
        {
            case (byte)'"':
                _place = Place.ContainerString;
                _digest.BeginString(Depth);
                _text.Begin();
                break;
            case (byte)'{' or (byte)'[':
                _digest.AppendAt(Depth, bytes.Slice(length, 1));
                _depth++;
                break;
            default:
                _depth--;
                _digest.AppendAt(Depth, bytes.Slice(length, 1));
                if (_depth == 0)
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
        _digest.EndValue();
        _member = Member.Other;
    }

    private Member Identify()
    {
        if (_nameLength > MaxNameBytes)
        {
            return Member.Other;
        }

        Span<byte> scratch = stackalloc byte[MaxNameBytes];
        var raw = _name.AsSpan(0, _nameLength);
        var name = JsonText.Meaning(raw, raw.Contains((byte)'\\'), scratch);
        return name.SequenceEqual("model"u8) ? Member.Model
            : name.SequenceEqual("choices"u8) ? Member.Choices
            : AnswerReader.Judges(name) ? Member.Judged
            : Member.Other;
    }
}
