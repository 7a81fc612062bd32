using System.Net.Security;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MixGateway.Catalog;

namespace MixGateway.Forwarding.Connections;

/// <summary>Loads the certificates that providers ask the gateway for.</summary>
internal sealed class ClientCertificates(IHostEnvironment host)
{
    private const string PemMark = "-----BEGIN";

    /// <exception cref="ClientCertificateException">The file cannot be used.</exception>
    public SslStreamCertificateContext Load(ClientCertificateFile file)
    {
        var path = Path.Combine(host.ContentRootPath, file.Path);
        var chain = new X509Certificate2Collection();
        var certificate = Read(path, file, chain);
        if (!certificate.HasPrivateKey)
        {
            throw new ClientCertificateException(nameof(ClientCertificateFile.Path), $"the file {path} holds no private key; add it, or set {nameof(ClientCertificateFile.KeyPath)}.");
        }

        // Intermediates come from the file alone: looking for them elsewhere would be a call to somebody.
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private X509Certificate2 Read(string path, ClientCertificateFile file, X509Certificate2Collection chain)
    {
        var content = Read(nameof(ClientCertificateFile.Path), path);
        var text = System.Text.Encoding.Latin1.GetString(content);
        var isPem = text.Contains(PemMark, StringComparison.Ordinal);
        var key = file.KeyPath is { } keyPath ? System.Text.Encoding.Latin1.GetString(Read(nameof(ClientCertificateFile.KeyPath), Path.Combine(host.ContentRootPath, keyPath))) : text;
        try
        {
            if (!isPem)
            {
                return X509CertificateLoader.LoadPkcs12(content, file.Password);
            }

            chain.ImportFromPem(text);
            if (!key.Contains("PRIVATE KEY", StringComparison.Ordinal))
            {
                return X509Certificate2.CreateFromPem(text);
            }

            return file.Password is null ? X509Certificate2.CreateFromPem(text, key) : X509Certificate2.CreateFromEncryptedPem(text, key, file.Password);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ClientCertificateException(
                nameof(ClientCertificateFile.Path), $"the file {path} cannot be opened: it must be PEM or PKCS#12, its private key must be the certificate's own, and {nameof(ClientCertificateFile.Password)} must be right ({e.Message.TrimEnd('.')}).");
        }
    }

    private static byte[] Read(string setting, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException)
        {
            throw new ClientCertificateException(setting, e is FileNotFoundException or DirectoryNotFoundException ? $"the file {path} does not exist." : $"the file {path} cannot be read ({e.Message.TrimEnd('.')}).");
        }
    }
}

/// <summary>A client certificate cannot be used.</summary>
/// <param name="setting">The setting of <see cref="ClientCertificateFile"/> that is to blame.</param>
internal sealed class ClientCertificateException(string setting, string message) : Exception(message)
{
    public string Setting => setting;
}

/// <summary>Refuses settings whose certificate cannot be loaded.</summary>
internal sealed class ClientCertificateRule(ClientCertificates certificates) : ICatalogRule
{
    /// <inheritdoc/>
    public void Check(CatalogSnapshot snapshot, ICollection<string> errors)
    {
        foreach (var provider in snapshot.Providers.Values)
        {
            if (provider.ClientCertificate is not { } file)
            {
                continue;
            }

            try
            {
                certificates.Load(file);
            }
            catch (ClientCertificateException e)
            {
                errors.Add($"Providers:{provider.Name}:{ClientCertificateFile.Section}:{e.Setting}: {e.Message}");
            }
        }
    }
}
