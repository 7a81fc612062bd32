using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MixGateway.Administration.Secrets;

namespace MixGateway.Tests.Administration.Secrets;

/// <summary>The framework's key ring on its own, with the encryption that the gateway gives it.</summary>
public sealed class KeyRingTests
{
    private const string Old = "the old master key 0123456789abcdef";
    private const string New = "the new master key 0123456789abcdef";

    private readonly List<XElement> _stored = [];

    [Fact]
    public void Ring_OfBefore_IsEncryptedAndGoesOnOpeningWhatItMade()
    {
        var cookie = Protector(null).Protect("session");
        _stored.Single().ToString().Should().Contain("requiresEncryption");
        var secret = _stored.Single().Descendants("value").Single().Value;

        KeyRing.IsReadable(_stored.Single()).Should().BeTrue();
        KeyRing.Renew(SecretBoxTests.Box(Old), _stored.Single()).Should().BeTrue();

        _stored.Single().ToString().Should().NotContain(secret).And.NotContain("requiresEncryption");
        Protector(SecretBoxTests.Box(Old)).Unprotect(cookie).Should().Be("session");
        KeyRing.Renew(SecretBoxTests.Box(Old), _stored.Single()).Should().BeFalse("there is nothing left to do");
    }

    [Fact]
    public void Ring_MadeWithAMasterKey_IsNeverReadableAndMovesToTheNext()
    {
        var cookie = Protector(SecretBoxTests.Box(Old)).Protect("session");
        KeyRing.IsReadable(_stored.Single()).Should().BeFalse();

        KeyRing.Renew(SecretBoxTests.Box(New, Old), _stored.Single()).Should().BeTrue();

        Protector(SecretBoxTests.Box(New)).Unprotect(cookie).Should().Be("session");
        Protector(SecretBoxTests.Box(Old)).Invoking(it => it.Unprotect(cookie)).Should().Throw<CryptographicException>("the old key is of no use any more");
    }

    private IDataProtector Protector(SecretBox? box)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        services.AddDataProtection().SetApplicationName("MixGateway");
        services.Configure<KeyManagementOptions>(options =>
        {
            options.XmlRepository = new Repository(_stored);
            options.XmlEncryptor = box is null ? null : new KeyRingEncryptor(box);
        });
        if (box is not null)
        {
            services.AddSingleton(box);
        }

        return services.BuildServiceProvider().GetDataProtector("test");
    }

    private sealed class Repository(List<XElement> stored) : IXmlRepository
    {
        public IReadOnlyCollection<XElement> GetAllElements() => [.. stored.Select(static element => new XElement(element))];

        public void StoreElement(XElement element, string friendlyName) => stored.Add(new XElement(element));
    }
}
