using Microsoft.Extensions.Configuration;
using MixGateway.Usage.Retention;

namespace MixGateway.Tests.Usage;

public sealed class RetentionOptionsTests
{
    [Theory]
    [InlineData("2026-08-20", 40, "2026-07-01")]
    [InlineData("2026-08-20", 1, "2026-07-01")]
    [InlineData("2026-08-09", 40, "2026-06-01")]
    [InlineData("2026-03-31", 31, "2026-02-01")]
    [InlineData("2026-01-01", 1, "2025-12-01")]
    [InlineData("2026-08-20", 400, "2025-07-01")]
    public void FirstKeptMonth_OfADay_LeavesWholeMonthsAndNeverTheLastTwo(string now, int days, string month) =>
        RetentionService.FirstKeptMonth(RetentionBench.At(now), TimeSpan.FromDays(days)).Should().Be(RetentionBench.At(month).Date);

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(400, true)]
    [InlineData(-1, false)]
    [InlineData(0.5, false)]
    [InlineData(40_000, false)]
    public void Retention_OutOfRange_IsRefusedWithItsName(double days, bool isFine)
    {
        var usage = Validate(new UsageRetentionOptions { Retention = TimeSpan.FromDays(days) });
        var audit = new AuditRetentionOptionsValidation().Validate(null, new AuditRetentionOptions { Retention = TimeSpan.FromDays(days) });

        (usage.Succeeded, audit.Succeeded).Should().Be((isFine, isFine));
        if (!isFine)
        {
            usage.FailureMessage.Should().Contain("Usage:Retention").And.Contain("400.00:00:00");
            audit.FailureMessage.Should().Contain("Audit:Retention");
        }
    }

    [Fact]
    public void ExpiredMonths_DetachOnTheEmbeddedDatabase_IsRefused()
    {
        var detach = new UsageRetentionOptions { ExpiredMonths = ExpiredMonths.Detach };
        Validate(detach).FailureMessage.Should().Contain("Usage:ExpiredMonths").And.Contain("PostgreSQL");
        Validate(detach, "Host=db").Succeeded.Should().BeTrue();
    }

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(UsageRetentionOptions options, string? postgres = null) =>
        new UsageRetentionOptionsValidation(new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:Postgres", postgres)]).Build()).Validate(null, options);
}
