using System.Text;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>The name of the model.</summary>
internal ref partial struct RequestScan
{
    private const int MaxModelBytes = 512;

    private void ReadModel()
    {
        var value = new ByteRange(TokenStart, TokenEnd - TokenStart);
        if (_reader.TokenType != JsonTokenType.String)
        {
            Fail(OpenAIErrors.InvalidParameter("model", "The parameter 'model' must be a string, for example 'deepseek:deepseek-chat'."));
            PassValue();
            return;
        }

        _meter.Add(ref _reader);
        AddEdit(ref _modelEdits, new RequestEdit(value, RequestEditKind.Model), "model");
        var model = ReadModelName(_reader.ValueSpan);
        if (_model is not null && model is not null && !_model.Equals(model, StringComparison.Ordinal))
        {
            FailDuplicate("model");
        }

        _model ??= model ?? "";
    }

    private string? ReadModelName(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty)
        {
            Fail(OpenAIErrors.InvalidParameter("model", "The parameter 'model' is empty. Name a model; GET /v1/models lists them."));
            return null;
        }

        if (raw.Length > MaxModelBytes)
        {
            Fail(OpenAIErrors.InvalidParameter("model", $"The parameter 'model' is longer than {MaxModelBytes} bytes. GET /v1/models lists the names."));
            return null;
        }

        Span<byte> name = stackalloc byte[MaxModelBytes];
        var length = JsonText.Unescape(raw, name, out var exact);
        if (!exact)
        {
            Fail(OpenAIErrors.InvalidParameter("model", "The parameter 'model' holds half a surrogate pair, which is no character."));
            return null;
        }

        return Encoding.UTF8.GetString(name[..length]);
    }
}
