using System.Text;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>What a request asks the provider to do beside writing text.</summary>
internal ref partial struct RequestScan
{
    /// <summary>Different tools of the provider in one request; no request has as many.</summary>
    private const int MaxTools = 16;

    private const int MaxToolName = 64;

    /// <summary>A list of tools; some servers take a single one.</summary>
    private void ReadTools()
    {
        if (_reader.TokenType == JsonTokenType.StartObject)
        {
            ReadTool();
            return;
        }

        _meter.Add(ref _reader);
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            return;
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType == JsonTokenType.StartObject)
            {
                ReadTool();
            }
            else
            {
                PassValue();
            }
        }

        _meter.Add(ref _reader);
    }

    private void ReadTool()
    {
        var tool = new ToolScan();
        _meter.Add(ref _reader);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            _meter.Add(ref _reader);
            var member = MemberOf(_reader.ValueSpan, _reader.ValueIsEscaped);
            tool.First ??= member == ToolMember.Other ? TextOf(_reader.ValueSpan, _reader.ValueIsEscaped) : null;
            _reader.Read();
            switch (member)
            {
                case ToolMember.Type when _reader.TokenType == JsonTokenType.String:
                    tool.AddType(_reader.ValueSpan, _reader.ValueIsEscaped);
                    PassValue();
                    break;
                case ToolMember.Function:
                    tool.IsPlain = true;
                    ReadFunction(ref tool);
                    break;
                case ToolMember.Name when _reader.TokenType == JsonTokenType.String:
                    tool.IsPlain = true;
                    tool.AddName(_reader.ValueSpan, _reader.ValueIsEscaped);
                    PassValue();
                    break;
                case ToolMember.MaxUses:
                    tool.Uses = _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out var uses) ? uses : 0;
                    PassValue();
                    break;
                default:
                    PassValue();
                    break;
            }
        }

        _meter.Add(ref _reader);
        if (tool.Hosted is { } name)
        {
            AddTool(name, tool.Uses);
        }
    }

    private void ReadFunction(ref ToolScan tool)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            PassValue();
            return;
        }

        _meter.Add(ref _reader);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            _meter.Add(ref _reader);
            var isName = MemberOf(_reader.ValueSpan, _reader.ValueIsEscaped) == ToolMember.Name;
            _reader.Read();
            if (isName && _reader.TokenType == JsonTokenType.String)
            {
                tool.AddName(_reader.ValueSpan, _reader.ValueIsEscaped);
            }

            PassValue();
        }

        _meter.Add(ref _reader);
    }

    /// <summary>One kind of answer, or a list of them.</summary>
    private void ReadModalities()
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            AddModality();
            PassValue();
            return;
        }

        _meter.Add(ref _reader);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            AddModality();
            PassValue();
        }

        _meter.Add(ref _reader);
    }

    private void AddModality()
    {
        if (_reader.TokenType != JsonTokenType.String)
        {
            return;
        }

        Span<byte> scratch = stackalloc byte[MaxToolName];
        var name = JsonText.Meaning(_reader.ValueSpan, _reader.ValueIsEscaped, scratch);
        if (Ascii.EqualsIgnoreCase(name, "audio"u8))
        {
            _asksAudio = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "image"u8))
        {
            _asksImages = true;
        }
        else if (!Ascii.EqualsIgnoreCase(name, "text"u8))
        {
            AddTool(TextOf(_reader.ValueSpan, _reader.ValueIsEscaped), 0);
        }
    }

    /// <summary>The voice and form of a spoken answer.</summary>
    private void ReadAudio()
    {
        _asksAudio |= _reader.TokenType == JsonTokenType.StartObject;
        PassValue();
    }

    private void AddTool(string name, long uses)
    {
        _tools ??= [];
        foreach (var tool in _tools)
        {
            if (string.Equals(tool.Name, name, StringComparison.Ordinal) && tool.Uses >= uses)
            {
                return;
            }
        }

        if (_tools.Count < MaxTools)
        {
            _tools.Add(new AskedTool(name, uses));
        }
        else
        {
            Fail(OpenAIErrors.InvalidParameter("tools", $"The request asks for more than {MaxTools} different tools that the provider runs. Send fewer."));
        }
    }

    private static string TextOf(ReadOnlySpan<byte> raw, bool escaped)
    {
        Span<byte> scratch = stackalloc byte[MaxToolName];
        var name = JsonText.Meaning(raw, escaped, scratch);
        return Encoding.UTF8.GetString(name[..Math.Min(name.Length, MaxToolName)]);
    }

    private static ToolMember MemberOf(ReadOnlySpan<byte> raw, bool escaped)
    {
        if (raw.Length > MaxToolName)
        {
            return ToolMember.Other;
        }

        Span<byte> scratch = stackalloc byte[MaxToolName];
        Span<byte> folded = stackalloc byte[MaxToolName];
        var name = MemberName.Fold(JsonText.Meaning(raw, escaped, scratch), folded);
        return name.SequenceEqual("type"u8) ? ToolMember.Type
            : name.SequenceEqual("function"u8) ? ToolMember.Function
            : name.SequenceEqual("name"u8) ? ToolMember.Name
            : name.SequenceEqual("max_uses"u8) ? ToolMember.MaxUses
            : ToolMember.Other;
    }

    private enum ToolMember
    {
        Other,
        Type,
        Function,
        Name,
        MaxUses,
    }

    /// <summary>What is known of one tool while it is read. Whichever of two types a provider goes by, one that it runs itself is found.</summary>
    private struct ToolScan
    {
        /// <summary>Run by the caller: OpenAI's in all dialects, and those of Anthropic that have a version in their names.</summary>
        private static readonly string[] CallersTypes = ["function", "custom", "local_shell", "shell", "apply_patch", "bash_*", "text_editor_*", "computer_*", "memory_*"];

        private string? _type;
        private string? _name;
        private bool _isCallers;

        public string? First;
        public bool IsPlain;
        public long Uses;

        /// <summary>The tool's name if the provider runs it; null if the caller does.</summary>
        public readonly string? Hosted => _type switch
        {
            "builtin_function" => _name ?? _type,
            not null => _type,
            null when _name is not null => _name,
            null => _isCallers || IsPlain ? null : First,
        };

        public void AddType(ReadOnlySpan<byte> raw, bool escaped)
        {
            if (raw.SequenceEqual("function"u8))
            {
                _isCallers = true;
                return;
            }

            var type = TextOf(raw, escaped);
            if (IsOfCaller(type))
            {
                _isCallers = true;
            }
            else
            {
                _type = type;
            }
        }

        /// <summary>Moonshot's own functions begin with a dollar sign, which no function of a caller may; all other names are the caller's.</summary>
        public void AddName(ReadOnlySpan<byte> raw, bool escaped)
        {
            if (raw is [(byte)'$' or (byte)'\\', ..] && TextOf(raw, escaped) is ['$', ..] name)
            {
                _name = name;
            }
        }

        private static bool IsOfCaller(string type)
        {
            foreach (var known in CallersTypes)
            {
                if (known is [.. var start, '*'] ? type.StartsWith(start, StringComparison.Ordinal) : string.Equals(type, known, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
