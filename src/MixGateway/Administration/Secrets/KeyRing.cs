using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace MixGateway.Administration.Secrets;

/// <summary>
/// How the keys of cookies, forms and links (ASP.NET Core Data Protection's key ring) lie in the database: the framework encrypts their secret
/// parts by <see cref="KeyRingEncryptor"/> and decrypts them by <see cref="KeyRingDecryptor"/>.
/// </summary>
internal static class KeyRing
{
    private const string Purpose = "key-ring";
    private const string Element = "mixgatewaySealed";

    private static readonly XNamespace Framework = "http://schemas.asp.net/2015/03/dataProtection";

    public static XElement Seal(SecretBox box, XElement secret) => new(Element, box.Seal(Purpose, "", secret.ToString(SaveOptions.DisableFormatting)));

    public static XElement Open(SecretBox box, XElement sealedElement) => XElement.Parse(box.Open(Purpose, "", sealedElement.Value));

    /// <summary>True if a key lies in the clear, as before there was a master key.</summary>
    public static bool IsReadable(XElement key) => Readable(key).Any();

    /// <summary>The sealed parts of a key.</summary>
    public static IEnumerable<string> SealedParts(XElement key) => key.Descendants(Element).Select(static part => part.Value);

    /// <summary>Encrypts what lies in the clear, and what is encrypted with another master key than the current one.</summary>
    /// <returns>True if anything was changed.</returns>
    public static bool Renew(SecretBox box, XElement key)
    {
        var readable = Readable(key).ToArray();
        foreach (var secret in readable)
        {
            // As the framework writes an encrypted secret.
            secret.ReplaceWith(new XElement(
                Framework + "encryptedSecret", new XAttribute("decryptorType", typeof(KeyRingDecryptor).AssemblyQualifiedName!), Seal(box, secret)));
        }

        var outdated = key.Descendants(Element).Where(part => !box.IsCurrent(part.Value)).ToArray();
        foreach (var part in outdated)
        {
            part.ReplaceWith(Seal(box, Open(box, part)));
        }

        return readable.Length + outdated.Length > 0;
    }

    private static IEnumerable<XElement> Readable(XElement key) =>
        key.Descendants().Where(static element => (bool?)element.Attribute(Framework + "requiresEncryption") == true);
}

/// <summary>Encrypts the secret part of a new key of the ring.</summary>
internal sealed class KeyRingEncryptor(SecretBox box) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(KeyRing.Seal(box, plaintextElement), typeof(KeyRingDecryptor));
}

/// <summary>Decrypts it. The framework makes one by the name that stands in the database, so neither name nor namespace may change.</summary>
internal sealed class KeyRingDecryptor(IServiceProvider services) : IXmlDecryptor
{
    private readonly SecretBox _box = services.GetRequiredService<SecretBox>();

    public XElement Decrypt(XElement encryptedElement) => KeyRing.Open(_box, encryptedElement);
}
