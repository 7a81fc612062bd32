using Microsoft.Extensions.Logging;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class CatalogRefusalTests : CatalogFolder
{
    [Fact]
    public void Poll_EditThatIsNotValid_IsRefusedWholeAndLoggedOnce()
    {
        var source = Start(Catalog(1));
        var before = source.Store.Current;
        Time.Advance(TimeSpan.FromMinutes(1));

        File.WriteAllText(Main, """
            { "Providers": { "p": { "BaseUrl": "x", "ApiKey": "hidden hidden", "Models": { "m": { "InputPrice": 5 } } } } }
            """);
        source.Poll();
        source.Poll();

        source.Store.Current.Should().BeSameAs(before);
        var status = source.Status.Current;
        status.Revision.Should().Be(1);
        status.RejectedAt.Should().Be(Time.GetUtcNow());
        status.RejectedErrors.Should().HaveCount(3);
        Log.At(LogLevel.Error).Should().ContainSingle()
            .Which.Should().ContainAll("Providers:p:BaseUrl: ", "Providers:p:ApiKey: ", "Providers:p:Models:m:OutputPrice: ")
            .And.NotContain("hidden");
    }

    [Fact]
    public void Poll_RefusedEditSavedAgainUnchanged_IsNotLoggedAgain()
    {
        var source = Start(Catalog(1));

        File.WriteAllText(Main, InvalidCatalog());
        source.Poll();
        File.AppendAllText(Main, "\n");
        source.Poll();

        Log.At(LogLevel.Error).Should().ContainSingle();
    }

    [Fact]
    public void Poll_RefusedEditTakenBack_ClearsTheStatusWithoutARevision()
    {
        var source = Start(Catalog(1));
        var before = source.Store.Current;

        File.WriteAllText(Main, InvalidCatalog());
        source.Poll();
        source.Status.Current.RejectedErrors.Should().NotBeEmpty();
        File.WriteAllText(Main, Catalog(1));
        source.Poll();

        source.Status.Current.RejectedErrors.Should().BeEmpty();
        source.Status.Current.RejectedAt.Should().BeNull();
        source.Store.Current.Should().BeSameAs(before);
    }

    [Fact]
    public void Poll_RefusedEditCorrected_IsTheNextRevision()
    {
        var source = Start(Catalog(1));

        File.WriteAllText(Main, InvalidCatalog());
        source.Poll();
        File.WriteAllText(Main, Catalog(3));
        source.Poll();

        source.Store.Current.Revision.Should().Be(2);
        source.Status.Current.RejectedErrors.Should().BeEmpty();
        Price(source).Should().Be(3);
    }

    [Fact]
    public void Poll_KeyWrittenTwice_IsRefusedAsAnEditNotAsHalfWritten()
    {
        var source = Start(Catalog(1));

        File.WriteAllText(Main, """{ "Providers": { "p": { "BaseUrl": "http://a", "baseurl": "http://b" } } }""");
        source.Poll();

        source.Status.Current.RejectedErrors.Should().ContainSingle().Which.Should().StartWith($"{Main}: ").And.Contain("Providers:p:baseurl");
        Price(source).Should().Be(1);
    }

    [Fact]
    public void Poll_RuleThatThrows_RefusesTheEditAndKeepsTheCatalog()
    {
        File.WriteAllText(Main, Catalog(1));
        var source = Start(Configuration(), new ThrowFromRevisionTwo());

        File.WriteAllText(Main, Catalog(2));
        source.Poll();

        Price(source).Should().Be(1);
        source.Status.Current.RejectedErrors.Should().ContainSingle().Which.Should().Contain(nameof(InvalidOperationException));
    }

    private sealed class ThrowFromRevisionTwo : ICatalogRule
    {
        public void Check(CatalogSnapshot snapshot, ICollection<string> errors)
        {
            if (snapshot.Revision > 1)
            {
                throw new InvalidOperationException("a bug");
            }
        }
    }
}
