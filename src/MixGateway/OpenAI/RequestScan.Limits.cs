using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>
/// The limits on an answer. OpenAI's own names bound it. Other names, which servers with this API read beside them or over them, can only raise the
/// bound: a provider that does not know such a name ignores it and has no limit.
/// </summary>
internal ref partial struct RequestScan
{
    /// <summary>Containers within containers that are looked into; no server reads deeper ones.</summary>
    private const int MaxContainers = 4;

    /// <summary>Read as the limit by llama.cpp, TabbyAPI and LMDeploy, Text Generation Inference and SGLang, Ollama, Gemini, Bedrock.</summary>
    private static readonly ImmutableArray<string> OtherLimits =
        ["max_output_tokens", "max_new_tokens", "n_predict", "num_predict", "max_length", "max_gen_len", "max_tokens_to_sample", "maxTokens", "maxOutputTokens"];

    /// <summary>Read as the number of answers by llama.cpp, Transformers, Gemini.</summary>
    private static readonly ImmutableArray<string> OtherChoices = ["n_cmpl", "num_return_sequences", "candidate_count", "candidateCount"];

    /// <summary>OpenAI's names, inside of a container.</summary>
    private static readonly ImmutableArray<string> OwnLimits = ["max_tokens", "max_completion_tokens"];

    private static readonly ImmutableArray<string> OwnChoices = ["n", "best_of"];

    /// <summary>Objects whose members servers and proxies read like those of the root.</summary>
    private static readonly ImmutableArray<string> Containers =
        ["extra_body", "options", "parameters", "sampling_params", "generation_config", "generationConfig"];

    /// <summary>A member of the root that is none of <see cref="Members"/>; the reader is at its value.</summary>
    private void ReadOther(LimitKind kind, string name)
    {
        switch (kind)
        {
            case LimitKind.Limit:
                ReadOtherLimit(name);
                break;
            case LimitKind.Choices:
                _otherChoices = Math.Max(_otherChoices, ReadCount(name) ?? 0);
                break;
            case LimitKind.Container:
                ReadContainer(name, 1);
                break;
            default:
                PassValue();
                break;
        }
    }

    private void ReadOtherLimit(string name)
    {
        var start = TokenStart;
        if (ReadCount(name) is not { } limit)
        {
            return;
        }

        _otherLimit = Math.Max(_otherLimit ?? 0, limit);
        _otherLimits ??= [];
        if (_otherLimits.Count < MaxRepetitions)
        {
            _otherLimits.Add(new ByteRange(start, TokenEnd - start));
        }
        else
        {
            FailRepetition(name);
        }
    }

    private void ReadContainer(string path, int containers)
    {
        if (_reader.TokenType != JsonTokenType.StartObject || containers > MaxContainers)
        {
            PassValue();
            return;
        }

        _meter.Add(ref _reader);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            _meter.Add(ref _reader);
            var kind = KindOf(_reader.ValueSpan, _reader.ValueIsEscaped, nested: true, out var name);
            _reader.Read();
            if (kind == LimitKind.Container)
            {
                ReadContainer($"{path}.{name}", containers + 1);
            }
            else
            {
                ReadOther(kind, kind == LimitKind.None ? "" : $"{path}.{name}");
            }
        }

        _meter.Add(ref _reader);
    }

    /// <summary>What a member's name says about the size of the answer. Case does not count, as some servers read names.</summary>
    /// <param name="nested">True inside of a container, where OpenAI's names are not read otherwise.</param>
    private static LimitKind KindOf(ReadOnlySpan<byte> raw, bool escaped, bool nested, out string name)
    {
        name = "";
        if (raw.Length > MemberName.MaxEscapedLength)
        {
            return LimitKind.None;
        }

        Span<byte> scratch = stackalloc byte[MemberName.MaxEscapedLength];
        Span<byte> folded = stackalloc byte[MemberName.MaxEscapedLength];
        var lower = MemberName.Fold(JsonText.Meaning(raw, escaped, scratch), folded);
        return TryMatch(lower, OtherLimits, out name) || (nested && TryMatch(lower, OwnLimits, out name)) ? LimitKind.Limit
            : TryMatch(lower, OtherChoices, out name) || (nested && TryMatch(lower, OwnChoices, out name)) ? LimitKind.Choices
            : TryMatch(lower, Containers, out name) ? LimitKind.Container
            : LimitKind.None;
    }

    private static bool TryMatch(ReadOnlySpan<byte> lower, ImmutableArray<string> names, out string found)
    {
        foreach (var name in names)
        {
            if (name.Length == lower.Length && Ascii.EqualsIgnoreCase(lower, name))
            {
                found = name;
                return true;
            }
        }

        found = "";
        return false;
    }

    /// <summary>
    /// Null for JSON's null. A provider that takes <c>"100"</c>, <c>100.0</c> or <c>1e2</c> for a number would go by one that the hold does not know,
    /// so everything but the plain digits of an integer is an error.
    /// </summary>
    private long? ReadCount(string name)
    {
        long? count = null;
        if (_reader.TokenType == JsonTokenType.Number && !_reader.ValueSpan.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && _reader.TryGetInt64(out var value) && value >= 1)
        {
            count = value;
        }
        else if (_reader.TokenType != JsonTokenType.Null)
        {
            Fail(OpenAIErrors.InvalidParameter(
                name,
                $"The parameter '{name}' must be null or an integer from 1 to {long.MaxValue.ToString(CultureInfo.InvariantCulture)}, written in plain digits: 100, not \"100\", 100.0 or 1e2."));
        }

        PassValue();
        return count;
    }

    private enum LimitKind
    {
        None,
        Limit,
        Choices,
        Container,
    }
}
