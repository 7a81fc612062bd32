using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MixGateway.Hosting;

/// <summary>The certificates of the listeners that are files: each has to be there, to open with its password and to have its key.</summary>
internal static class CertificateCheck
{
    private const string Certificates = "Kestrel:Certificates";
    private const string Endpoints = "Kestrel:Endpoints";

    public static IEnumerable<string> Mistakes(IConfiguration configuration, string root) =>
        Sections(configuration).Where(static section => !string.IsNullOrEmpty(section["Path"])).Select(section => MistakeIn(section, root)).OfType<string>();

    private static IEnumerable<IConfigurationSection> Sections(IConfiguration configuration) =>
        configuration.GetSection(Certificates).GetChildren()
            .Concat(configuration.GetSection(Endpoints).GetChildren().SelectMany(static endpoint =>
                endpoint.GetSection("Sni").GetChildren().Select(static name => name.GetSection("Certificate")).Prepend(endpoint.GetSection("Certificate"))));

    private static string? MistakeIn(IConfigurationSection section, string root)
    {
        var path = Path.Combine(root, section["Path"]!);
        var keyPath = section["KeyPath"] is { Length: > 0 } key ? Path.Combine(root, key) : null;
        foreach (var (name, file) in new[] { ("Path", path), ("KeyPath", keyPath) })
        {
            if (file is not null && Unreadable(file) is { } reason)
            {
                return $"{section.Path}:{name}: the file {file} {reason}.";
            }
        }

        try
        {
            using var certificate = Open(path, keyPath, section["Password"]);
            return certificate.HasPrivateKey ? null : $"{section.Path}:Path: {path} holds a certificate without its private key. Set {section.Path}:KeyPath to the key's file.";
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // Its messages quote neither the file nor the password.
            return $"{section.Path}: {path} cannot be opened: {exception.Message.ReplaceLineEndings(" ")} {WhatToSet(section, keyPath)}";
        }
    }

    private static string WhatToSet(IConfigurationSection section, string? keyPath) => keyPath is null
        ? $"Check {section.Path}:Password; a PEM certificate needs {section.Path}:KeyPath."
        : $"Check that {section.Path}:KeyPath is the key of this certificate, and {section.Path}:Password if it is encrypted.";

    private static X509Certificate2 Open(string path, string? keyPath, string? password)
    {
        if (keyPath is not null)
        {
            return string.IsNullOrEmpty(password) ? X509Certificate2.CreateFromPemFile(path, keyPath) : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
        }

        return X509Certificate2.GetCertContentType(path) == X509ContentType.Pfx
            ? X509CertificateLoader.LoadPkcs12FromFile(path, password)
            : X509CertificateLoader.LoadCertificateFromFile(path);
    }

    private static string? Unreadable(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read by this process ({exception.GetType().Name})";
        }
    }
}
