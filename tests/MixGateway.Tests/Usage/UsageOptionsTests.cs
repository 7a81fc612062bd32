using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

public sealed class UsageOptionsTests
{
    [Fact]
    public void Options_NothingConfigured_HaveTheDocumentedDefaults()
    {
        var books = OptionsOf<BooksOptions>();
        books.SettleTimeout.Should().Be(TimeSpan.FromSeconds(5));
        books.MaxPending.Should().Be(100_000);
        OptionsOf<BillingOptions>().GetTimeZone().Should().Be(TimeZoneInfo.Utc);
    }

    [Fact]
    public void Options_Configured_AreRead()
    {
        var books = OptionsOf<BooksOptions>(("Quotas:SettleTimeout", "00:00:02"), ("Quotas:MaxPending", "7"));
        books.SettleTimeout.Should().Be(TimeSpan.FromSeconds(2));
        books.MaxPending.Should().Be(7);
        OptionsOf<BillingOptions>(("Billing:TimeZone", "Asia/Shanghai")).GetTimeZone().BaseUtcOffset.Should().Be(TimeSpan.FromHours(8));
    }

    [Fact]
    public void Options_Wrong_NameEveryKeyAtOnce()
    {
        var act = () => OptionsOf<BooksOptions>(("Quotas:SettleTimeout", "5"), ("Quotas:MaxPending", "0"));
        act.Should().Throw<OptionsValidationException>().Which.Message.Should().Contain("Quotas:SettleTimeout").And.Contain("Quotas:MaxPending");
        var zone = () => OptionsOf<BillingOptions>(("Billing:TimeZone", "Mars/Olympus"));
        zone.Should().Throw<OptionsValidationException>().Which.Message.Should().Contain("Billing:TimeZone").And.Contain("Mars/Olympus");
    }

    [Theory]
    [InlineData("postgres://me:secret-1@db/gateway")]
    [InlineData("Host=db;Password=a;secret-1=b")]
    [InlineData("Host=db;Port=secret-1")]
    [InlineData("Database=gateway;Password=secret-1")]
    public void ConnectionString_ThatCannotBeRead_NamesTheSettingAndNotThePassword(string connectionString)
    {
        var builder = NewBuilder(("ConnectionStrings:Postgres", connectionString));
        builder.Invoking(b => b.AddStorage()).Should().Throw<DatabaseRefusedException>().Which.ToString().Should()
            .Contain("ConnectionStrings:Postgres").And.NotContain("secret");
    }

    private static TOptions OptionsOf<TOptions>(params (string Key, string Value)[] settings)
        where TOptions : class
    {
        var builder = NewBuilder(settings);
        builder.AddUsage();
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<TOptions>>().Value;
    }

    private static HostApplicationBuilder NewBuilder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return builder;
    }
}
