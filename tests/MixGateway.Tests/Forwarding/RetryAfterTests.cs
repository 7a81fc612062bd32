using System.Globalization;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

/// <summary>What of a provider's retry-after callers are told.</summary>
public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("7", 7)]
    [InlineData("300", 300)]
    [InlineData("86400", 300)]
    [InlineData("0", null)]
    [InlineData("Mon, 30 Nov 2026 12:00:42 GMT", 42)]
    [InlineData("Wed, 30 Dec 2026 12:00:00 GMT", 300)]
    [InlineData("Mon, 30 Nov 2026 11:00:00 GMT", null)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    // Seconds since 1970: a minute from now, a year from now, an hour ago
    [InlineData("1796040060", 60)]
    [InlineData("1827576000", 300)]
    [InlineData("1796036400", null)]
    public void RetryAfterOf_AnyForm_IsMinutesAtMost(string? header, int? seconds)
    {
        using var answer = new HttpResponseMessage();
        if (header is not null)
        {
            answer.Headers.TryAddWithoutValidation("retry-after", header);
        }

        ProviderRefusal.RetryAfterOf(answer, Now)?.TotalSeconds.ToString(CultureInfo.InvariantCulture)
            .Should().Be(seconds?.ToString(CultureInfo.InvariantCulture));
        (ProviderRefusal.RetryAfterOf(answer, Now) is null).Should().Be(seconds is null);
    }
}
