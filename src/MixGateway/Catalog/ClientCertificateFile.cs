namespace MixGateway.Catalog;

/// <summary>The certificate that the gateway shows to a provider.</summary>
/// <param name="Path">A PEM or PKCS#12 file; relative to <c>appsettings.json</c>.</param>
/// <param name="KeyPath">The file of the private key; null if it is in the first one.</param>
/// <param name="Password">Of the PKCS#12 file or of an encrypted key; null if there is none. Secret.</param>
internal sealed record ClientCertificateFile(string Path, string? KeyPath, string? Password)
{
    public const string Section = "ClientCertificate";

    public static readonly string[] Keys = [nameof(Path), nameof(KeyPath), nameof(Password)];

    /// <summary>Never prints the password.</summary>
    public override string ToString() => Path;

    /// <summary>A path alone stands for a section with a path. The file itself is looked at by <see cref="ICatalogRule"/>.</summary>
    public static ClientCertificateFile? Read(SettingsReader reader, SettingsNode provider)
    {
        if (!provider.TryGet(Section, out var section))
        {
            return null;
        }

        if (!section.HasChildren)
        {
            return Text(section.Value) is { } alone ? new ClientCertificateFile(alone, null, null) : null;
        }

        reader.RefuseUnknownKeys(section, Keys);
        string? Read(string key) => reader.TryText(section, key, out var text) ? Text(text) : null;
        if (Read(nameof(Path)) is { } path)
        {
            return new ClientCertificateFile(path, Read(nameof(KeyPath)), Read(nameof(Password)));
        }

        reader.Refuse(SettingsReader.PathOf(section, nameof(Path)), "is missing; write the path of a PEM or PKCS#12 file.");
        return null;
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
