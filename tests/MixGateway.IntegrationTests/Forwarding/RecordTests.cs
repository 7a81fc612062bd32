using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What a call leaves in the books.</summary>
public sealed class RecordTests(RecordTests.Priced shared) : IClassFixture<RecordTests.Priced>
{
    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("sim+chunks=3+prompt=10", 10, 0, 3, 0, "0.000016")]
    [InlineData("sim+chunks=3+prompt=10+cached=4", 10, 4, 3, 0, "0.0000124")]
    [InlineData("sim+chunks=3+prompt=10+cached=4+usagestyle=deepseek", 10, 4, 3, 0, "0.0000124")]
    [InlineData("sim+chunks=3+prompt=10+reasoning=2", 10, 0, 3, 2, "0.000016")]
    [InlineData("sim+chunks=2+reasoningtext=5", 2, 0, 7, 5, "0.000016")]
    [InlineData("sim+choices=3+chunks=3", 2, 0, 9, 0, "0.00002")]
    [InlineData("sim+usage=zero", 0, 0, 0, 0, "0")]
    [InlineData("sim+prompt=2345678+completion=987654", 2345678, 0, 987654, 0, "4.320986")]
    public async Task CompletedCall_WithAReport_IsBilledToTheNano(string script, long prompt, long cached, long completion, long reasoning, string cost)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var account = await _gateway.CreateAccountAsync(credit: "10000");
            using var response = await account.ChatAsync(script, stream);
            await response.Content.ReadAsStringAsync();

            var record = await account.OnlyCallAsync();

            record.RequestId.Should().Be(response.RequestId());
            record.Should().BeEquivalentTo(new
            {
                Provider = "sim",
                Model = "sim:" + script,
                Stream = stream,
                Status = "completed",
                PromptTokens = prompt,
                CachedTokens = cached,
                CompletionTokens = completion,
                ReasoningTokens = reasoning,
                UsageSource = "reported",
                Cost = cost,
                Charged = cost,
                HttpStatus = 200,
                ErrorCode = (string?)null,
                Attempts = 1,
            });
            record.FirstTokenMs.Should().NotBeNull().And.BeLessThanOrEqualTo(record.DurationMs);
        }
    }

    [Theory]
    [InlineData("sim+usage=last+chunks=3", 3)]
    [InlineData("sim+usage=first+chunks=3", 3)]
    [InlineData("sim+usage=every+chunks=3", 3)]
    [InlineData("sim+usage=always+chunks=3", 3)]
    [InlineData("sim+usage=asked+chunks=3+nodone=1", 3)]
    public async Task Stream_WithUsageInAnyPlace_IsBilledByIt(string script, long completion)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync(script, stream: true);
        await response.Content.ReadAsStringAsync();

        (await account.OnlyCallAsync()).Should().BeEquivalentTo(
            new { Status = "completed", UsageSource = "reported", PromptTokens = 2, CompletionTokens = completion });
    }

    [Theory]
    [InlineData("sim+usage=never+chunks=40", 40)]
    [InlineData("sim+usage=never+choices=2+chunks=10", 20)]
    [InlineData("sim+completion=-5+chunks=40", 40)]
    public async Task Answer_WithoutAReadableReport_IsEstimatedWithATokenizer(string script, long completion)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var account = await _gateway.CreateAccountAsync();

            using var response = await account.ChatAsync(script, stream);
            await response.Content.ReadAsStringAsync();

            var record = await account.OnlyCallAsync();
            record.Should().BeEquivalentTo(new { Status = "completed", UsageSource = "estimated" });
            record.CompletionTokens.Should().BeCloseTo(completion, 3);
            record.PromptTokens.Should().BeInRange(3, 12);
            CallRecords.Nanos(record.Cost).Should().Be(record.ExpectedNanos);
        }
    }

    /// <summary>Of a long prompt only its beginning is kept while the answer goes out.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LongPrompt_WithoutAReport_IsEstimatedByAllOfIt(bool stream)
    {
        var account = await _gateway.CreateAccountAsync();
        var text = string.Concat(Enumerable.Repeat("the quick brown fox ", 20_000));

        using var response = await account.PostAsync(Calls.ChatBody("sim+usage=never", stream).Replace("Say hello", text, StringComparison.Ordinal));
        await response.Content.ReadAsStringAsync();

        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "completed", UsageSource = "estimated" });
        record.PromptTokens.Should().BeInRange(78_000, 82_000, "it is 80,000 words");
    }

    /// <summary>A provider may break off as well as a caller.</summary>
    [Fact]
    public async Task Stream_CutAfterAnEarlyReport_IsBilledWhatCameSince()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+chunks=80+prompt=777+usage=first+cut=40", stream: true);
        await response.Content.ReadAsStringAsync();

        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "failed", UsageSource = "estimated", PromptTokens = 777 });
        record.CompletionTokens.Should().BeCloseTo(40, 3);
    }

    [Fact]
    public async Task LongJson_WithoutAReport_IsEstimated()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+usage=never+size=1500000");
        await response.Content.ReadAsStringAsync();

        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "completed", UsageSource = "estimated" });
        record.CompletionTokens.Should().Be(8192, "it is 250,000 words, and no estimate is above what the call was allowed to use");
    }

    [Fact]
    public async Task EveryKindOfToken_HasItsPrice()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+prompt=100+cached=30+cachewrite=20+completion=50+reasoning=10", provider: "priced");
        await response.Content.ReadAsStringAsync();

        // 50 x 1 + 30 x 0.1 + 20 x 3 + 40 x 2 + 10 x 5, and a price for the call itself
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { PromptTokens = 100, CachedTokens = 30, CacheWriteTokens = 20, CompletionTokens = 50, ReasoningTokens = 10 });
        record.Cost.Should().Be("0.001243");
    }

    [Fact]
    public async Task FailedCall_WithNothingDelivered_IsFreeOfThePriceOfTheCallToo()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+error=500", provider: "priced");

        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", Cost = "0" });
        (await account.LedgerAsync()).Should().ContainSingle("a charge of nothing is no entry");
    }

    [Fact]
    public async Task ManyCallsAtOnce_OfOneAccount_AddUp()
    {
        var account = await _gateway.CreateAccountAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var response = await account.ChatAsync($"sim+chunks={1 + (i % 7)}", stream: i % 2 == 0);
            await response.Content.ReadAsStringAsync();
        }));

        (await account.UsageAsync(100)).Should().HaveCount(100);
        (await account.LedgerAsync()).Should().HaveCount(101);
        await account.ShouldAddUpAsync();
    }

    [Fact]
    public async Task Record_OfAnAnswerThatEnded_IsThereAtOnce()
    {
        var account = await _gateway.CreateAccountAsync();
        foreach (var stream in (bool[])[false, true])
        {
            using var response = await account.ChatAsync("sim", stream);
            await response.Content.ReadAsStringAsync();

            (await _gateway.FindUsageAsync(response.RequestId())).Should().NotBeNull("no answer ends before its record is durable");
        }
    }

    public sealed class Priced() : SharedGateway(upstream => Provider(
        "priced", upstream.BaseAddress, "Models:*:CacheWritePrice=3", "Models:*:ReasoningPrice=5", "Models:*:RequestPrice=0.001"));
}
