using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.OpenAI;
using MixGateway.Quotas;
using MixGateway.Routing;
using MixGateway.Tests.Catalog;
using MixGateway.Usage;

namespace MixGateway.Tests.Quotas;

/// <summary>Every branch of the admission of a call, over stores that answer as the test says.</summary>
public sealed class CallAdmissionTests
{
    private static readonly Money Plenty = new(1_000_000_000);
    private static readonly HotStoreProbe Durable = new(true, HotStoreKind.Durable, "", 0);
    private static readonly HotStoreProbe Volatile = new(true, HotStoreKind.Volatile, "", 0);

    private readonly FakeAdmissionStore _store = new();
    private readonly FakeBooks _books = new();
    private readonly QuotasOptions _options = new();
    private readonly HotStoreStatus _status;
    private readonly CallAdmission _admission;

    public CallAdmissionTests()
    {
        var options = Options.Create(_options);
        _status = new HotStoreStatus(options);
        _status.See(Durable);
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        _admission = new CallAdmission(
            _store, _status, _books, new OpenCalls(new ConfigurationBuilder().Build()), new BillingCalendar(TimeProvider.System, TimeZoneInfo.Utc), options,
            new QuotasMetrics(meters, _status, TimeProvider.System));
    }

    [Fact]
    public async Task Call_ThatIsHeld_RunsWithItsLimitsAndWithoutACap()
    {
        var requests = new RateLimit(60, 59, TimeSpan.FromSeconds(30));
        _store.Answer(new Admission(AdmissionStatus.Held) { Ticket = new CallTicket(default), Requests = requests });

        var result = await AdmitAsync();

        (result.Call is not null, result.Error, result.Requests, result.Tokens, result.OutputCap, result.NewerKey).Should().Be((true, null, requests, null, null, null));
        (_store.Asked.Count, _store.Installed.Count, _store.Refreshed.Count).Should().Be((1, 0, 0));
    }

    [Fact]
    public async Task Account_ThatTheStoreDoesNotKnow_IsInstalledAndAskedForAgain()
    {
        _store.Answer(Admission.Load);
        _store.Hold();

        var result = await AdmitAsync();

        result.Call.Should().NotBeNull();
        (_store.Asked.Count, _store.Installed.Count).Should().Be((2, 1));
    }

    [Fact]
    public async Task Account_ThatCannotBeInstalled_IsUnavailable()
    {
        _store.Installs = false;
        _store.Answer(Admission.Load);

        (await AdmitAsync()).Error!.Should().Match<OpenAIError>(static error => error.Status == 503 && error.RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public async Task Account_ThatIsStillUnknownAfterItsInstallation_IsUnavailable()
    {
        _store.Answer(Admission.Load, Admission.Load);

        (await AdmitAsync()).Error!.Status.Should().Be(503);
    }

    [Fact]
    public async Task Store_ThatDoesNotAnswer_IsUnavailable()
    {
        _store.Answer(Admission.Down);

        (await AdmitAsync()).Error!.Status.Should().Be(503);
    }

    [Fact]
    public async Task Key_ThatWasChangedSince_IsToBeReadAgain()
    {
        _store.Answer(new Admission(AdmissionStatus.Stale) { KeyVersion = 17 });

        var result = await AdmitAsync();

        (result.NewerKey, result.Call, result.Error).Should().Be((17, null, null));
    }

    [Theory]
    [InlineData(nameof(RefusalKind.AccountSuspended), 403, "account_suspended", null)]
    [InlineData(nameof(RefusalKind.KeyRevoked), 401, "invalid_api_key", false)]
    [InlineData(nameof(RefusalKind.KeyExpired), 401, "invalid_api_key", false)]
    [InlineData(nameof(RefusalKind.Concurrency), 429, "rate_limit_exceeded", null)]
    [InlineData(nameof(RefusalKind.Requests), 429, "rate_limit_exceeded", null)]
    [InlineData(nameof(RefusalKind.Tokens), 429, "rate_limit_exceeded", null)]
    [InlineData(nameof(RefusalKind.SpendPerDay), 402, "insufficient_quota", false)]
    [InlineData(nameof(RefusalKind.SpendPerMonth), 402, "insufficient_quota", false)]
    [InlineData(nameof(RefusalKind.SpendTotal), 402, "insufficient_quota", false)]
    [InlineData(nameof(RefusalKind.Balance), 402, "insufficient_quota", false)]
    public async Task Refusal_OfEachKind_HasItsErrorAndTheTimeToComeBack(string kind, int status, string code, bool? shouldRetry)
    {
        TimeSpan? wait = status == 429 ? TimeSpan.FromSeconds(7) : null;
        _store.Answer(Refused(Enum.Parse<RefusalKind>(kind), Money.Zero, retryAfter: wait));

        var error = (await AdmitAsync()).Error!;

        (error.Status, error.Code, error.RetryAfter, error.ShouldRetry).Should().Be((status, code, wait, shouldRetry));
    }

    [Theory]
    [InlineData(nameof(RefusalKind.Balance), true, "is available")]
    [InlineData(nameof(RefusalKind.SpendPerDay), true, "left of the account's daily spend limit")]
    [InlineData(nameof(RefusalKind.SpendPerMonth), false, "left of the key's monthly spend limit")]
    [InlineData(nameof(RefusalKind.SpendTotal), false, "left of the key's spend limit")]
    public async Task Refusal_ForMoney_NamesCostRestAndTheAnswerThatFits(string kind, bool ofAccount, string rest)
    {
        _store.Answer(Refused(Enum.Parse<RefusalKind>(kind), new Money(1_500_000), ofAccount: ofAccount));

        var error = (await AdmitAsync()).Error!;

        error.Message.Should().Contain("may cost up to 0.00201 USD").And.Contain("0.0015 USD").And.Contain(rest).And.Contain("Set max_tokens to 745 or less");
    }

    [Fact]
    public async Task Refusal_WherePromptAloneIsTooDear_AsksForCredit()
    {
        _store.Answer(Refused(RefusalKind.Balance, new Money(1)));

        (await AdmitAsync()).Error!.Message.Should().Contain("Add credit, or send a shorter prompt.");
    }

    [Theory]
    [InlineData(nameof(RefusalKind.Balance), 510_000, true)]
    [InlineData(nameof(RefusalKind.Balance), 509_999, false)]
    [InlineData(nameof(RefusalKind.SpendPerDay), 510_000, true)]
    [InlineData(nameof(RefusalKind.SpendTotal), 509_999, false)]
    [InlineData(nameof(RefusalKind.Balance), 0, false)]
    public async Task Refusal_ThatRunningCallsAloneCause_IsToBeRepeated(string kind, long held, bool repeated)
    {
        // The call holds 2,010,000 nano-units.
        _store.Answer(Refused(Enum.Parse<RefusalKind>(kind), new Money(1_500_000), held: new Money(held)));

        var error = (await AdmitAsync()).Error!;

        (error.Status, error.Code, error.ShouldRetry, error.RetryAfter).Should().Be((402, "insufficient_quota", repeated, repeated ? TimeSpan.FromSeconds(1) : null));
        error.Message.Contains("running calls hold up to 0.00051 USD", StringComparison.Ordinal).Should().Be(repeated);
    }

    [Fact]
    public async Task Refusal_ForMoney_HasTheConfiguredStatus()
    {
        _options.InsufficientQuotaStatus = 429;
        _store.Answer(Refused(RefusalKind.Balance, Money.Zero));

        (await AdmitAsync()).Error!.Status.Should().Be(429);
    }

    [Fact]
    public async Task Balance_ThatWasRefused_IsRefreshedAndAskedForAgain()
    {
        _store.HasNews = true;
        _store.Answer(Refused(RefusalKind.Balance, Money.Zero));
        _store.Hold();

        (await AdmitAsync()).Call.Should().NotBeNull();
        (_store.Asked.Count, _store.Refreshed.Count).Should().Be((2, 1));
    }

    [Theory]
    [InlineData(nameof(RefusalKind.Requests))]
    [InlineData(nameof(RefusalKind.SpendPerDay))]
    public async Task Refusal_ForAnythingElse_RefreshesNothing(string kind)
    {
        _store.HasNews = true;
        _store.Answer(Refused(Enum.Parse<RefusalKind>(kind), Money.Zero));

        await AdmitAsync();

        _store.Refreshed.Should().BeEmpty();
    }

    [Fact]
    public async Task Cap_OnTheAnswer_IsWhatTheBalancePays()
    {
        _options.CapOutputToBalance = true;
        _store.Answer(Refused(RefusalKind.Balance, new Money(1_500_000)));
        _store.Hold();

        var result = await AdmitAsync();

        result.OutputCap.Should().Be(745);
        _store.Asked[1].Hold.Nanos.Should().Be(10_000 + (745 * 2000));
    }

    [Fact]
    public async Task Cap_WhileOthersTakeWhatIsLeft_IsTriedThreeTimes()
    {
        _options.CapOutputToBalance = true;
        _store.Answer(
            Refused(RefusalKind.Balance, new Money(1_500_000)), Refused(RefusalKind.Balance, new Money(1_000_000)),
            Refused(RefusalKind.SpendPerDay, new Money(500_000)), Refused(RefusalKind.Balance, new Money(400_000)));

        var result = await AdmitAsync();

        result.Error!.Code.Should().Be("insufficient_quota");
        _store.Asked.Select(static asked => asked.Tokens).Should().BeInDescendingOrder().And.HaveCount(4);
    }

    [Theory]
    [InlineData(nameof(RefusalKind.Balance), 1L, 1000L)]
    [InlineData(nameof(RefusalKind.Balance), 1_500_000L, 0L)]
    [InlineData(nameof(RefusalKind.Requests), 1_500_000L, 1000L)]
    public async Task Cap_WhereNoAnswerCouldBePaidOrMoneyIsNotTheMatter_IsNotTried(string kind, long left, long maxTokens)
    {
        _options.CapOutputToBalance = true;
        _store.Answer(Refused(Enum.Parse<RefusalKind>(kind), new Money(left)));

        var result = await AdmitAsync(maxTokens);

        result.OutputCap.Should().BeNull();
        _store.Asked.Should().ContainSingle();
    }

    [Theory]
    [InlineData(false, true, false, true)]
    [InlineData(false, false, false, false)]
    [InlineData(true, false, false, true)]
    [InlineData(true, false, true, false)]
    [InlineData(true, true, true, true)]
    public async Task Database_ThatTakesNothing_ClosesAdmissionUnlessTheStoreKeepsWhatIsSettled(bool durable, bool accepts, bool full, bool open)
    {
        _status.See(durable ? Durable : Volatile);
        (_books.AcceptsCalls, _books.IsFull) = (accepts, full);
        _store.Hold();

        var result = await AdmitAsync();

        (result.Call is not null, result.Error?.Status).Should().Be((open, open ? null : 503));
        _store.Asked.Should().HaveCount(open ? 1 : 0, "a closed gateway does not even ask");
    }

    [Fact]
    public async Task Store_ThatIsSilentFullUnsharedOrBusy_ClosesAdmission()
    {
        _status.See(new HotStoreProbe(false, null, "", 0));
        await ShouldBeClosedAsync();
        _status.See(new HotStoreProbe(true, HotStoreKind.Durable, "", HotStoreStatus.MemoryLimit));
        await ShouldBeClosedAsync();
        _status.See(Durable);
        _status.IsUnshared = true;
        await ShouldBeClosedAsync();
        _status.IsUnshared = false;
        _status.Count(0, _options.MaxPending);
        await ShouldBeClosedAsync();
        _status.Count(0, _options.MaxPending - 1);
        _store.Hold();
        (await AdmitAsync()).Call.Should().NotBeNull();
    }

    private async Task ShouldBeClosedAsync()
    {
        (await AdmitAsync()).Error!.Status.Should().Be(503);
        _store.Asked.Should().BeEmpty();
    }

    /// <summary>A call of 10 bytes of prompt at 1 per thousand tokens and, unless told otherwise, 1,000 tokens of answer at 2.</summary>
    private async Task<AdmissionResult> AdmitAsync(long maxTokens = 1000)
    {
        var catalog = CatalogJson.Snapshot("""{ "Providers": { "p": { "BaseUrl": "http://127.0.0.1:1/v1", "Models": { "m": { "InputPrice": 1, "OutputPrice": 2 } } } } }""");
        var plan = ModelRouter.Route(catalog, "p:m", ModelPatterns.All).Plan!;
        return await _admission.AdmitAsync(new CallToAdmit(
            Guid.CreateVersion7(), Guid.NewGuid(), Guid.NewGuid(), new KeyVersion(1, 1), plan, new CallSize(10, 0, maxTokens, 1), "USD", default));
    }

    private static Admission Refused(RefusalKind kind, Money left, bool ofAccount = true, Money held = default, TimeSpan? retryAfter = null) => new(AdmissionStatus.Refused)
    {
        // Where a spend limit refuses, the balance is not the matter.
        Refusal = new Refusal(kind, ofAccount, 100, left.Nanos, retryAfter, kind == RefusalKind.Balance ? left : Plenty, held),
    };

    private sealed class FakeBooks : IBooks
    {
        public bool AcceptsCalls { get; set; } = true;

        public TimeSpan UpFor => TimeSpan.Zero;

        public bool IsFull { get; set; }

        public ValueTask<BookingResult> BookAsync(UsageRecord record) => throw new NotSupportedException();

        public Task<Booking> PostAsync(UsageRecord record) => throw new NotSupportedException();

        public ValueTask<BookingResult> WithinTimeoutAsync(Task<Booking> posted) => throw new NotSupportedException();
    }
}
