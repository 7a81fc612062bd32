using Microsoft.Extensions.Logging;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

/// <summary>Edits that are not in force, or not yet: whoever made them is told.</summary>
public sealed class CatalogEditTests : CatalogFolder
{
    private const string Credential = "Providers:gone:ApiKey";

    [Theory]
    [InlineData("")]
    [InlineData("""{ "Providers": { """)]
    [InlineData(null)]
    public void File_BrokenForLong_ShowsAsARejectedEditUntilItIsWhole(string? text)
    {
        var source = Start(Catalog(1));

        Write(text);
        PollUntilLost(source);

        source.Status.Current.RejectedErrors.Should().ContainSingle().Which.Should().Contain(Main);
        source.Status.Rejections.Should().Be(1, "one edit is rejected once, however often it is looked at");
        Write(Catalog(1));
        source.Poll();
        source.Status.Current.RejectedAt.Should().BeNull("what is written is in force again");
    }

    [Fact]
    public void File_BrokenAfterARefusedEdit_ShowsTheRefusalAgainOnceItIsWhole()
    {
        var source = Start(Catalog(1));
        Write(InvalidCatalog());
        source.Poll();
        Write("{");
        PollUntilLost(source);
        source.Status.Current.RejectedErrors.Should().ContainSingle().Which.Should().Contain("not JSON");

        Write(InvalidCatalog());
        source.Poll();

        source.Status.Current.RejectedErrors.Should().ContainSingle().Which.Should().StartWith("Providers:p:BaseUrl");
    }

    [Fact]
    public void Names_ThatDifferOnlyInCase_AreNamedWithWhatToDo()
    {
        var source = Start(Catalog(1));

        Write("""{ "Providers": { "p": { "BaseUrl": "http://localhost", "Models": { "m": { "InputPrice": 1, "OutputPrice": 1 }, "M": { "InputPrice": 1, "OutputPrice": 1 } } } } }""");
        source.Poll();

        source.Status.Current.RejectedErrors.Should().ContainSingle().Which.Should().ContainAll(Main, "Providers:p:Models:M", "list with Id");
    }

    [Fact]
    public void Currency_EditedWhileItRuns_StaysAndIsToldToNeedARestart()
    {
        var source = Start(WithCurrency("USD", 1));

        Write(WithCurrency("CNY", 2));
        source.Poll();

        source.Store.Current.Currency.Should().Be("USD");
        Price(source).Should().Be(2, "the rest of the edit is in force");
        Log.At(LogLevel.Warning).Should().ContainSingle().Which.Should().Contain("Billing:Currency").And.Contain("next start");
    }

    [Fact]
    public void ColdSetting_Edited_IsNamedOnceWithoutItsValue()
    {
        var source = Start("""{ "Quotas": { "Lease": "30s" }, "Smtp": { "Password": "old-secret" } }""");

        Write("""{ "Quotas": { "Lease": "30s" }, "Smtp": { "Password": "new-secret" }, "Limits": { "MaxAttempts": 2 } }""");
        source.Poll();
        source.Poll();

        Log.At(LogLevel.Warning).Should().ContainSingle().Which.Should().ContainAll("Limits:MaxAttempts", "Smtp:Password").And.NotContain("secret").And.NotContain("Lease");
        source.Status.RestartNeeded.Should().Equal("Limits:MaxAttempts", "Smtp:Password");
    }

    [Fact]
    public void ColdSetting_TakenBack_IsNotToldAgain()
    {
        var source = Start("""{ "Quotas": { "Lease": "30s" } }""");
        foreach (var lease in new[] { "60s", "30s", "30s" })
        {
            Write($$"""{ "Quotas": { "Lease": "{{lease}}" } }""");
            source.Poll();
        }

        Log.At(LogLevel.Warning).Should().ContainSingle();
    }

    [Fact]
    public void Provider_TakenOutWhoseCredentialStays_IsGoneWithAWarning()
    {
        File.WriteAllText(Main, WithGone());
        var source = Start(Configuration((Credential, "sk-secret")));
        source.Store.Current.Providers.Should().ContainKey("gone");

        Write(Catalog(1));
        source.Poll();

        source.Store.Current.Providers.Keys.Should().Equal("p");
        source.Status.Current.RejectedAt.Should().BeNull();
        Log.At(LogLevel.Warning).Should().ContainSingle().Which.Should().Contain("gone").And.NotContain("sk-secret");
    }

    [Theory]
    [InlineData(Credential)]
    [InlineData("Providers:gone:ApiKeys:0")]
    public void Start_WithACredentialAlone_WarnsAndGoesOn(string key)
    {
        File.WriteAllText(Main, Catalog(1));

        var source = Start(Configuration((key, "sk-secret")));

        source.Store.Current.Providers.Keys.Should().Equal("p");
        Log.At(LogLevel.Warning).Should().ContainSingle().Which.Should().Contain("gone");
    }

    [Fact]
    public void Start_WithACredentialAloneInAFile_IsAMistake() =>
        FluentActions.Invoking(() => Start("""{ "Providers": { "p": { "ApiKey": "sk-secret" } } }""")).Should().Throw<CatalogException>()
            .Which.Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p:BaseUrl");

    [Fact]
    public void Edit_OfOneProvider_TakesTheOthersOverAsTheyAre()
    {
        var source = Start(WithGone());
        var before = source.Store.Current;

        Write(WithGone().Replace("\"gone\": { \"BaseUrl\": \"http://localhost\"", "\"gone\": { \"BaseUrl\": \"http://elsewhere\"", StringComparison.Ordinal));
        source.IsAsBefore().Should().BeFalse();
        source.Poll();

        source.Store.Current.Providers["p"].Should().BeSameAs(before.Providers["p"]);
        source.Store.Current.Providers["gone"].BaseUrl.Host.Should().Be("elsewhere");
        source.IsAsBefore().Should().BeTrue("nothing is parsed while nothing changes");
    }

    private static string WithCurrency(string currency, int price) => Catalog(price).TrimEnd()[..^1] + $$""", "Billing": { "Currency": "{{currency}}" } }""";

    private static string WithGone() => """
        {
          "Providers": {
            "p": { "BaseUrl": "http://localhost", "Models": { "m": { "InputPrice": 1, "OutputPrice": 1 } } },
            "gone": { "BaseUrl": "http://localhost", "Models": { "m": { "InputPrice": 1, "OutputPrice": 1 } } }
          }
        }
        """;

    private void Write(string? text)
    {
        if (text is null)
        {
            File.Delete(Main);
        }
        else
        {
            File.WriteAllText(Main, text);
        }
    }

    private void PollUntilLost(CatalogSource source)
    {
        source.Poll();
        source.Status.Current.RejectedErrors.Should().NotContain(error => error.Contains(Main, StringComparison.Ordinal), "an editor may be writing");
        Time.Advance(CatalogFile.Patience + TimeSpan.FromMilliseconds(1));
        source.Poll();
        source.Poll();
    }
}
