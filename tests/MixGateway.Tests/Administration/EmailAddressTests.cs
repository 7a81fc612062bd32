using MixGateway.Administration.Mail;

namespace MixGateway.Tests.Administration;

/// <summary>One mailbox is one text, so that nobody has two users with one, and no text is two mailboxes.</summary>
public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("jane@example.com")]
    [InlineData("jane.o'neil+gateway@mail.example.co.uk")]
    [InlineData("admin@localhost")]
    [InlineData("用户@例子.中国")]
    public void Address_OfOneMailbox_IsTaken(string text) => EmailAddress.IsValid(text).Should().BeTrue();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("jane")]
    [InlineData("@example.com")]
    [InlineData("jane@")]
    [InlineData(" jane@example.com")]
    [InlineData("Jane <jane@example.com>")]
    [InlineData("<jane@example.com>")]
    [InlineData("jane@example.com (Jane)")]
    [InlineData("jane@example.com, joe@example.com")]
    [InlineData("friends: jane@example.com;")]
    [InlineData("jane@example.com\r\nBcc: joe@example.com")]
    [InlineData("jane\0@example.com")]
    public void Address_WithAnythingElse_IsRefused(string? text) => EmailAddress.IsValid(text).Should().BeFalse();

    [Fact]
    public void Address_LongerThanMailAllows_IsRefused() => EmailAddress.IsValid(new string('a', EmailAddress.MaxLength) + "@example.com").Should().BeFalse();
}
