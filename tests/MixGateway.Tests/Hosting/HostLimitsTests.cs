using Microsoft.Extensions.Configuration;
using MixGateway.Hosting;

namespace MixGateway.Tests.Hosting;

public sealed class HostLimitsTests
{
    private const long Memory = 2L << 30;

    [Theory]
    [InlineData(256L)]
    [InlineData(500L)]
    [InlineData(OpenFiles.Least - 1L)]
    public void OpenFiles_FewerThanAnIdleGatewayNeeds_AreRefused(long limit) =>
        HostLimits.Mistakes(limit, hasCultures: true).Should().ContainSingle().Which.Should().ContainAll($"{limit}", "LimitNOFILE=65536");

    [Fact]
    public void Host_WithoutCultures_IsRefusedWithTheReason() =>
        HostLimits.Mistakes(65_536, hasCultures: false).Should().ContainSingle().Which.Should().ContainAll("GLOBALIZATION_INVARIANT", "ICU");

    [Fact]
    public void Host_WithEnough_IsNeitherRefusedNorWarnedOf()
    {
        HostLimits.Mistakes(65_536, hasCultures: true).Should().BeEmpty();
        HostLimits.Mistakes(null, hasCultures: true).Should().BeEmpty();
        HostLimits.Warnings(65_536, OpenFiles.Connections(65_536, usesPostgres: true), Memory, 128 << 20).Should().BeEmpty();
    }

    [Theory]
    [InlineData(OpenFiles.Least, true)]
    [InlineData(600L, false)]
    [InlineData(600L, true)]
    [InlineData(1024L, true)]
    [InlineData(4096L, false)]
    [InlineData(1_048_576L, true)]
    public void Connections_WithTheirProvidersConnections_FitBelowTheLimit(long limit, bool usesPostgres)
    {
        var most = OpenFiles.Connections(limit, usesPostgres)!.Value;

        most.Should().BeGreaterThanOrEqualTo(16);
        (most * 2).Should().BeLessThanOrEqualTo(limit - OpenFiles.Idle);
    }

    [Fact]
    public void Connections_WhereTheSystemTellsNoLimit_AreNotCapped() => OpenFiles.Connections(null, usesPostgres: true).Should().BeNull();

    [Fact]
    public void Warnings_OfALowLimitLittleMemoryAndLargeBuffers_AreOneLineEach() =>
        HostLimits.Warnings(1024, 182, 100L << 20, 512L << 20).Should().HaveCount(3).And.OnlyContain(static warning => !warning.Contains('\n'));

    [Fact]
    public void Limit_OfThisProcess_IsRead()
    {
        if (OperatingSystem.IsLinux())
        {
            OpenFiles.Limit.Should().BeGreaterThan(0);
            OpenFiles.Connections(new ConfigurationBuilder().Build()).Should().BeGreaterThan(0);
        }
    }
}
