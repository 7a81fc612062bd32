using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Secrets;
using MixGateway.Administration.Users;
using MixGateway.Storage;

namespace MixGateway.Tests.Administration.Secrets;

public sealed class SecretBoxTests
{
    private const string Old = "the old master key 0123456789abcdef";
    private const string New = "the new master key 0123456789abcdef";

    [Theory]
    [InlineData("")]
    [InlineData("JBSWY3DPEHPK3PXP")]
    [InlineData("密钥 with every kind of letter\n")]
    public void Secret_Sealed_IsOpenedAndNeverTheSameTextTwice(string secret)
    {
        var box = Box(New);

        var (first, second) = (box.Seal("purpose", "subject", secret), box.Seal("purpose", "subject", secret));

        first.Should().NotBe(second);
        SecretBox.IsSealed(first).Should().BeTrue();
        box.IsCurrent(first).Should().BeTrue();
        box.Open("purpose", "subject", first).Should().Be(secret);
    }

    [Theory]
    [InlineData("other", "subject")]
    [InlineData("purpose", "another row")]
    public void Secret_CopiedToSomethingElse_IsRefused(string purpose, string subject)
    {
        var box = Box(New);
        var text = box.Seal("purpose", "subject", "secret");

        box.Invoking(it => it.Open(purpose, subject, text)).Should().Throw<CryptographicException>();
    }

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(36)]
    public void Secret_WithOneBitChanged_IsRefused(int at)
    {
        var box = Box(New);
        var text = box.Seal("purpose", "subject", "secret");
        var bytes = Base64Url.DecodeFromChars(text.AsSpan(4));
        bytes[at] ^= 1;

        box.Invoking(it => it.Open("purpose", "subject", text[..4] + Base64Url.EncodeToString(bytes))).Should().Throw<CryptographicException>();
    }

    [Theory]
    [InlineData("mk1.")]
    [InlineData("mk1.abcd")]
    [InlineData("mk1.not base64!")]
    [InlineData("plain")]
    public void Text_ThatIsNoSealedSecret_IsRefused(string text) =>
        Box(New).Invoking(it => it.Open("purpose", "subject", text)).Should().Throw<CryptographicException>().WithMessage("*damaged*");

    [Fact]
    public void MasterKey_OfBefore_StillOpensAndIsNotCurrent()
    {
        var text = Box(Old).Seal("purpose", "subject", "secret");
        var box = Box(New, Old);

        box.Open("purpose", "subject", text).Should().Be("secret");
        (box.CanOpen(text), box.IsCurrent(text)).Should().Be((true, false));
        Box(New).CanOpen(text).Should().BeFalse();
        Box(New).Invoking(it => it.Open("purpose", "subject", text)).Should().Throw<CryptographicException>().WithMessage("*Security:PreviousMasterKeys*");
    }

    [Fact]
    public void RecoveryCodes_OfBefore_AreHashedAndEncrypted()
    {
        var box = Box(New);
        var row = new IdentityUserToken<Guid> { UserId = Guid.NewGuid(), LoginProvider = UserSecrets.Provider, Name = UserSecrets.RecoveryCodes, Value = "AAAAA-BBBBB;CCCCC-DDDDD" };

        var value = UserSecrets.Renew(box, row)!;

        var hashes = UserSecrets.Split(UserSecrets.Open(box, row.UserId, row.Name, value));
        hashes.Should().Equal(UserSecrets.Hash("AAAAA-BBBBB"), UserSecrets.Hash("CCCCC-DDDDD"));
        row.Value = value;
        UserSecrets.Renew(box, row).Should().BeNull("it lies as it should");
        UserSecrets.Renew(Box(Old, New), row).Should().NotBeNull("another key is current there");
    }

    [Fact]
    public void AuthenticatorKey_OfBefore_IsReadAsItIsAndEncryptedAtTheStart()
    {
        var box = Box(New);
        var row = new IdentityUserToken<Guid> { UserId = Guid.NewGuid(), LoginProvider = UserSecrets.Provider, Name = UserSecrets.AuthenticatorKey, Value = "JBSWY3DPEHPK3PXP" };

        UserSecrets.Open(box, row.UserId, row.Name, row.Value).Should().Be("JBSWY3DPEHPK3PXP");
        var value = UserSecrets.Renew(box, row)!;

        value.Should().NotContain("JBSWY3DPEHPK3PXP");
        UserSecrets.Open(box, row.UserId, row.Name, value).Should().Be("JBSWY3DPEHPK3PXP");
        box.Invoking(it => UserSecrets.Open(it, Guid.NewGuid(), row.Name, value)).Should().Throw<CryptographicException>("another user's row opens nothing with it");
    }

    /// <param name="keys">The current one first.</param>
    internal static SecretBox Box(params string[] keys)
    {
        var options = new SecurityOptions { MasterKey = keys[0] };
        foreach (var previous in keys.Skip(1))
        {
            options.PreviousMasterKeys.Add(previous);
        }

        return new SecretBox(new MasterKeys(Options.Create(options), new DataFolder(Path.Combine(Path.GetTempPath(), $"mixgateway-none-{Guid.NewGuid():N}")), keepsFile: true));
    }
}
