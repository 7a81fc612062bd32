using System.Text.Encodings.Web;
using System.Text.Json;

namespace MixGateway.Catalog;

/// <summary>A model that a name stands for.</summary>
/// <param name="ModelId">The id the provider is sent.</param>
/// <param name="CanonicalName"><c>provider:modelId</c>, the name in answers, records and allow-lists.</param>
internal sealed record ResolvedModel(Provider Provider, Model Model, string ModelId, string CanonicalName)
{
    /// <inheritdoc cref="ResolvedModel(Provider, Model, string, string)" path="/param[@name='ModelId']"/>
    /// <remarks>Without <c>init</c>, as a copy with another id would carry this one's bytes.</remarks>
    public string ModelId { get; } = ModelId;

    /// <inheritdoc cref="ResolvedModel(Provider, Model, string, string)" path="/param[@name='CanonicalName']"/>
    /// <remarks>Without <c>init</c>, as a copy with another name would carry this one's bytes.</remarks>
    public string CanonicalName { get; } = CanonicalName;

    /// <summary><see cref="ModelId"/> as a JSON string in UTF-8, quotes included.</summary>
    public ReadOnlyMemory<byte> ModelIdJson { get; } = Quote(ModelId);

    /// <summary><see cref="CanonicalName"/> as a JSON string in UTF-8, quotes included.</summary>
    public ReadOnlyMemory<byte> CanonicalNameJson { get; } = Quote(CanonicalName);

    /// <summary>Equal if it stands for the same; the bytes follow from the names.</summary>
    public bool Equals(ResolvedModel? other)
        => other is not null
            && string.Equals(ModelId, other.ModelId, StringComparison.Ordinal)
            && string.Equals(CanonicalName, other.CanonicalName, StringComparison.Ordinal)
            && Provider.Equals(other.Provider)
            && Model.Equals(other.Model);

    /// <inheritdoc/>
    public override int GetHashCode() => CanonicalName.GetHashCode(StringComparison.Ordinal);

    /// <summary>The name alone.</summary>
    public override string ToString() => CanonicalName;

    private static byte[] Quote(string text)
    {
        // The relaxed encoder leaves '+', '<' and letters beyond ASCII as they are: the text goes to an API, not into HTML.
        var encoded = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var quoted = new byte[encoded.Length + 2];
        quoted[0] = (byte)'"';
        encoded.CopyTo(quoted.AsSpan(1));
        quoted[^1] = (byte)'"';
        return quoted;
    }
}
