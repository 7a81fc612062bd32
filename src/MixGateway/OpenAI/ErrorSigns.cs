using System.Text;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>Notices where a document of a 200 says that it is an error.</summary>
/// <remarks>
/// A top-level <c>error</c> that says something, a choice that failed, or MiniMax's <c>base_resp</c> with a status make a document an error
/// whatever else it holds. A bare <c>code</c> and <c>message</c>, <c>detail</c>, <c>"object":"error"</c> do where no answer is beside them.
/// </remarks>
internal struct ErrorSigns
{
    private bool _certain;
    private bool _unlessAnswer;

    /// <summary>Whether a top-level member of this name can be a sign.</summary>
    public static bool LooksAt(ReadOnlySpan<byte> name) => Classify(name) != Sign.None;

    /// <summary>Whether the document is an error, given what else is in it.</summary>
    public readonly bool Judge(ChoicesForm choices, bool hasData) => _certain || (_unlessAnswer && choices != ChoicesForm.Some && !hasData);

    /// <summary>A choice failed: its finish_reason says so, or it has an error of its own.</summary>
    public void ChoiceFailed() => _certain = true;

    /// <summary>Looks at a top-level member that is none of an answer's own.</summary>
    /// <param name="reader">On the name; afterwards on the value's end.</param>
    public void ReadMember(scoped ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        var sign = Classify(name);
        reader.Read();
        switch (sign)
        {
            case Sign.Error:
                _certain |= SaysSomething(ref reader);
                break;
            case Sign.BaseResponse:
                _certain |= HasFailingStatus(ref reader);
                break;
            case Sign.Code:
                _unlessAnswer |= IsFailingCode(ref reader);
                break;
            case Sign.Message:
                _unlessAnswer |= SaysSomething(ref reader);
                break;
            case Sign.Kind:
                _unlessAnswer |= reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8);
                break;
            case Sign.Success:
                _unlessAnswer |= reader.TokenType == JsonTokenType.False;
                break;
        }

        reader.Skip();
    }

    /// <summary>False for null, false, 0, empty texts, and lists and objects of nothing else: some servers write an empty error beside a good answer.</summary>
    /// <param name="reader">On the value; afterwards on its end, or still at the start of one that was not looked into.</param>
    public static bool SaysSomething(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return IsSomething(ref reader);
        }

        var depth = reader.CurrentDepth;
        var something = false;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            something |= reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.StartObject or JsonTokenType.StartArray
                or JsonTokenType.EndObject or JsonTokenType.EndArray) && IsSomething(ref reader);
        }

        return something;
    }

    private static bool IsSomething(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => !reader.ValueSpan.IsEmpty,
        JsonTokenType.Number => !reader.TryGetDouble(out var number) || number != 0,
        JsonTokenType.True => true,
        _ => false,
    };

    private static bool HasFailingStatus(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var failing = false;
        Span<byte> scratch = stackalloc byte[96];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStatus = JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch).SequenceEqual("status_code"u8);
            reader.Read();
            failing |= isStatus && IsFailingCode(ref reader);
            reader.Skip();
        }

        return failing;
    }

    /// <summary>Numbers and words that mean success are no sign: 0, 200, "0", "200", "ok", "success".</summary>
    private static bool IsFailingCode(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => !IsSuccess(reader.ValueSpan),
        JsonTokenType.String => !reader.ValueSpan.IsEmpty && !IsSuccess(reader.ValueSpan),
        _ => false,
    };

    private static bool IsSuccess(ReadOnlySpan<byte> code) =>
        code.SequenceEqual("0"u8) || code.SequenceEqual("200"u8) || Ascii.EqualsIgnoreCase(code, "ok"u8) || Ascii.EqualsIgnoreCase(code, "success"u8);

    private static Sign Classify(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("msg"u8) => Sign.Message,
        4 when name.SequenceEqual("code"u8) => Sign.Code,
        4 when name.SequenceEqual("type"u8) => Sign.Kind,
        5 when name.SequenceEqual("error"u8) => Sign.Error,
        6 when name.SequenceEqual("object"u8) => Sign.Kind,
        6 when name.SequenceEqual("detail"u8) || name.SequenceEqual("errors"u8) => Sign.Message,
        7 when name.SequenceEqual("message"u8) => Sign.Message,
        7 when name.SequenceEqual("success"u8) => Sign.Success,
        9 when name.SequenceEqual("base_resp"u8) => Sign.BaseResponse,
        9 when name.SequenceEqual("error_msg"u8) => Sign.Message,
        10 when name.SequenceEqual("error_code"u8) => Sign.Code,
        11 when name.SequenceEqual("status_code"u8) => Sign.Code,
        13 when name.SequenceEqual("error_message"u8) => Sign.Message,
        _ => Sign.None,
    };

    private enum Sign
    {
        None,
        Error,
        BaseResponse,
        Code,
        Message,
        Kind,
        Success,
    }
}
