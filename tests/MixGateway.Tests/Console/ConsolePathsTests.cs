using MixGateway.Console;

namespace MixGateway.Tests.Console;

/// <summary>Where people are sent to after they have signed in.</summary>
public sealed class ConsolePathsTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/dashboard/keys?page=2&from=2026-01-01#top")]
    [InlineData("/models")]
    public void ReturnAddress_OnThisHost_IsKept(string address) => ConsolePaths.Local(address).Should().Be(address);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dashboard")]
    [InlineData("//example.com")]
    [InlineData("/\\example.com")]
    [InlineData("/a\\b")]
    [InlineData("\\\\example.com")]
    [InlineData("/\t/example.com")]
    [InlineData("/\r\nLocation: https://example.com")]
    [InlineData("\u0001//example.com")]
    [InlineData(" //example.com")]
    [InlineData("https://example.com/")]
    [InlineData("javascript:alert(1)")]
    public void ReturnAddress_ElsewhereOrStrange_IsTheConsolesRoot(string? address) => ConsolePaths.Local(address).Should().Be("/dashboard");
}
