using Microsoft.Extensions.Configuration.Memory;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class CatalogSourceTests : CatalogFolder
{
    [Fact]
    public void Start_ValidFile_IsInForceAsRevisionOne()
    {
        var source = Start(Catalog(1));

        source.Store.Current.Revision.Should().Be(1);
        Price(source).Should().Be(1);
        source.Status.Current.Should().Be(new CatalogState(1, Time.GetUtcNow(), [], null));
    }

    [Fact]
    public void Start_InvalidFile_ThrowsEveryMistake()
    {
        var start = () => Start("""{ "Providers": { "p": { "BaseUrl": "x", "IdleTimeout": "y", "Modles": {} } } }""");

        var thrown = start.Should().Throw<CatalogException>().Which;
        thrown.Errors.Should().HaveCount(3);
        thrown.Message.Should().ContainAll("Providers:p:BaseUrl: ", "Providers:p:IdleTimeout: ", "Providers:p:Modles: ");
    }

    [Fact]
    public void Start_FileCutShortSinceTheHostReadIt_ThrowsItsPathAndNotItsText()
    {
        File.WriteAllText(Main, Catalog(1));
        var configuration = Configuration();
        File.WriteAllText(Main, """{ "Providers": { "p": { "ApiKey": hidden """);

        var start = () => Start(configuration);

        start.Should().Throw<CatalogException>().WithMessage($"*{Main}: *line 1*").And.Message.Should().NotContain("hidden");
    }

    [Fact]
    public void Start_NoFileAtAll_IsAnEmptyCatalog()
        => Start(Configuration()).Store.Current.Providers.Should().BeEmpty();

    [Fact]
    public void Poll_NothingChanged_KeepsTheSnapshot()
    {
        var source = Start(Catalog(1));
        var before = source.Store.Current;

        source.Poll();

        source.Store.Current.Should().BeSameAs(before);
    }

    [Fact]
    public void Poll_SavedEdit_IsInForceAndSignalled()
    {
        var source = Start(Catalog(1));
        var token = source.Store.ChangeToken;
        Time.Advance(TimeSpan.FromMinutes(1));

        File.WriteAllText(Main, Catalog(2));
        source.Poll();

        Price(source).Should().Be(2);
        source.Store.Current.Revision.Should().Be(2);
        source.Status.Current.Should().Be(new CatalogState(2, Time.GetUtcNow(), [], null));
        token.HasChanged.Should().BeTrue();
    }

    [Fact]
    public void Poll_EditOfTheSameLengthAndTime_IsInForce()
    {
        var source = Start(Catalog(1));
        var stamp = File.GetLastWriteTimeUtc(Main);

        File.WriteAllText(Main, Catalog(2));
        File.SetLastWriteTimeUtc(Main, stamp);
        source.Poll();

        Price(source).Should().Be(2);
    }

    [Fact]
    public void Poll_FileReplacedByRename_IsInForce()
    {
        var source = Start(Catalog(1));
        var next = In("next");
        File.WriteAllText(next, Catalog(2));

        File.Move(next, Main, overwrite: true);
        source.Poll();

        Price(source).Should().Be(2);
    }

    [Fact]
    public void Poll_FolderBehindALinkSwapped_IsInForce()
    {
        // As a Kubernetes volume does it: file -> ..data/file, ..data -> a folder of that version.
        var data = In("..data");
        WriteVersion("v1", Catalog(1));
        WriteVersion("v2", Catalog(2));
        Directory.CreateSymbolicLink(data, "v1");
        File.CreateSymbolicLink(Main, Path.Combine("..data", "appsettings.json"));
        var source = Start(Configuration());
        Price(source).Should().Be(1);

        Directory.CreateSymbolicLink(data + "_tmp", "v2");
        File.Delete(data);
        source.Poll();
        Price(source).Should().Be(1, "the file is missing for a moment");
        Directory.Move(data + "_tmp", data);
        source.Poll();

        Price(source).Should().Be(2);
        source.Store.Current.Revision.Should().Be(2);
    }

    [Fact]
    public void Poll_SettingsTakenOut_AreGone()
    {
        var source = Start(Catalog(1));

        File.WriteAllText(Main, "{}");
        source.Poll();

        source.Store.Current.Providers.Should().BeEmpty();
        source.Store.Current.Revision.Should().Be(2);
    }

    [Fact]
    public void Poll_FileThatWasNotThereAtStart_IsTakenWhenItComes()
    {
        var source = Start(Catalog(1));

        File.WriteAllText(Second, """{ "Providers": { "p": { "Models": { "m": { "InputPrice": 9 } } } } }""");
        source.Poll();

        Price(source).Should().Be(9);
    }

    [Theory]
    [InlineData("// a comment\n{0}")]
    [InlineData("{0}\n\n")]
    public void Poll_OtherTextOfTheSameCatalog_IsNoNewRevision(string format)
    {
        var source = Start(Catalog(1));
        var before = source.Store.Current;

        File.WriteAllText(Main, format.Replace("{0}", Catalog(1), StringComparison.Ordinal));
        source.Poll();

        source.Store.Current.Should().BeSameAs(before);
    }

    [Fact]
    public void Poll_ChangeOfOtherSettings_IsNoNewRevision()
    {
        var source = Start(Catalog(1));
        var before = source.Store.Current;

        File.WriteAllText(Second, """{ "Serilog": { "MinimumLevel": "Debug" }, "Billing": { "TimeZone": "UTC" }, "ProvidersX": "y" }""");
        source.Poll();

        source.Store.Current.Should().BeSameAs(before);
    }

    [Fact]
    public void Poll_OtherSources_StayOverTheFilesInTheirOrder()
    {
        File.WriteAllText(Main, Catalog(1));
        var source = Start(Configuration(("PROVIDERS:P:APIKEY", "from-environment"), ("Providers:p:Models:m:InputPrice", "4")));

        source.Store.Current.Providers["p"].Credentials.Should().Equal(new Credential("0", "from-environment"));
        Price(source).Should().Be(4);
        File.WriteAllText(Main, Catalog(2).Replace("localhost", "other", StringComparison.Ordinal));
        source.Poll();

        Price(source).Should().Be(4);
        source.Store.Current.Providers["p"].BaseUrl.Host.Should().Be("other");
        source.Store.Current.Providers["p"].Credentials[0].ApiKey.Should().Be("from-environment");
    }

    [Fact]
    public void Poll_AnotherSourceReloads_IsInForce()
    {
        File.WriteAllText(Main, Catalog(1));
        var configuration = Configuration(("Providers:p:Models:m:InputPrice", "4"));
        var source = Start(configuration);
        source.Store.Current.Revision.Should().Be(1);

        configuration.Providers.OfType<MemoryConfigurationProvider>().Single().Set("Providers:p:Models:m:InputPrice", "6");
        configuration.Reload();
        source.Poll();

        Price(source).Should().Be(6);
    }

    private void WriteVersion(string name, string json)
    {
        Directory.CreateDirectory(In(name));
        File.WriteAllText(Path.Combine(In(name), "appsettings.json"), json);
    }
}
