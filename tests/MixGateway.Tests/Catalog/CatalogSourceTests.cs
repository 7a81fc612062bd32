using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class CatalogSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("catalog-");
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecorder<CatalogSource> _log = new();
    private readonly List<IDisposable> _opened = [];

    private string Main => Path.Combine(_folder.FullName, "appsettings.json");

    private string Second => Path.Combine(_folder.FullName, "appsettings.Production.json");

    [Fact]
    public void Start_ValidFile_IsInForceAsRevisionOne()
    {
        var source = Start(Catalog(1));

        source.Store.Current.Revision.Should().Be(1);
        Price(source).Should().Be(1);
        source.Status.Current.Should().Be(new CatalogState(1, _time.GetUtcNow(), [], null));
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
    public void Start_NoFileAtAll_IsAnEmptyCatalogue()
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
        _time.Advance(TimeSpan.FromMinutes(1));

        File.WriteAllText(Main, Catalog(2));
        source.Poll();

        Price(source).Should().Be(2);
        source.Store.Current.Revision.Should().Be(2);
        source.Status.Current.Should().Be(new CatalogState(2, _time.GetUtcNow(), [], null));
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
        var next = Path.Combine(_folder.FullName, "next");
        File.WriteAllText(next, Catalog(2));

        File.Move(next, Main, overwrite: true);
        source.Poll();

        Price(source).Should().Be(2);
    }

    [Fact]
    public void Poll_FolderBehindALinkSwapped_IsInForce()
    {
        // As a Kubernetes volume does it: file -> ..data/file, ..data -> a folder of that version.
        var data = Path.Combine(_folder.FullName, "..data");
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

    [Theory]
    [InlineData("")]
    [InlineData("  \n\t ")]
    [InlineData("""{ "Providers": { "p": """)]
    [InlineData(null)]
    public void Poll_FileHalfWrittenOrGone_KeepsWhatItHeldUntilItIsWhole(string? text)
    {
        var source = Start(Catalog(1));

        WriteOrDelete(text);
        source.Poll();
        Price(source).Should().Be(1);
        source.Status.Current.RejectedAt.Should().BeNull();
        File.WriteAllText(Main, Catalog(2));
        source.Poll();

        Price(source).Should().Be(2);
        _log.At(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{ "Providers": { "p": { "ApiKey": hidden """)]
    [InlineData(null)]
    public void Poll_FileUnusableForLong_IsWarnedOfOnce(string? text)
    {
        var source = Start(Catalog(1));
        WriteOrDelete(text);

        source.Poll();
        _time.Advance(CatalogFile.Patience);
        source.Poll();
        _log.At(LogLevel.Warning).Should().BeEmpty();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        source.Poll();
        source.Poll();

        _log.At(LogLevel.Warning).Should().ContainSingle().Which.Should().Contain(Main).And.NotContain("hidden");
        Price(source).Should().Be(1);
    }

    [Fact]
    public void Poll_FileUnusableForLongAgain_IsWarnedOfAgain()
    {
        var source = Start(Catalog(1));
        for (var time = 0; time < 2; time++)
        {
            File.WriteAllText(Main, "{");
            source.Poll();
            _time.Advance(TimeSpan.FromSeconds(3));
            source.Poll();
            File.WriteAllText(Main, Catalog(1));
            source.Poll();
        }

        _log.At(LogLevel.Warning).Should().HaveCount(2);
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
    public void Poll_OneFileGone_LeavesEditsOfAnotherAlive()
    {
        File.WriteAllText(Second, """{ "Aliases": { "smart": "p:m" } }""");
        var source = Start(Catalog(1));

        File.Delete(Second);
        File.WriteAllText(Main, Catalog(2));
        source.Poll();

        Price(source).Should().Be(2);
        source.Store.Current.Aliases.Should().ContainKey("smart");
    }

    [Fact]
    public void Poll_FileThatWasNotThereAtStart_IsTakenWhenItComes()
    {
        var source = Start(Catalog(1));

        File.WriteAllText(Second, """{ "Providers": { "p": { "Models": { "m": { "InputPrice": 9 } } } } }""");
        source.Poll();

        Price(source).Should().Be(9);
    }

    [Fact]
    public void Poll_EditThatIsNotValid_IsRefusedWholeAndLoggedOnce()
    {
        var source = Start(Catalog(1));
        var before = source.Store.Current;
        _time.Advance(TimeSpan.FromMinutes(1));

        File.WriteAllText(Main, """
            { "Providers": { "p": { "BaseUrl": "x", "ApiKey": "hidden hidden", "Models": { "m": { "InputPrice": 5 } } } } }
            """);
        source.Poll();
        source.Poll();

        source.Store.Current.Should().BeSameAs(before);
        var status = source.Status.Current;
        status.Revision.Should().Be(1);
        status.RejectedAt.Should().Be(_time.GetUtcNow());
        status.RejectedErrors.Should().HaveCount(3);
        _log.At(LogLevel.Error).Should().ContainSingle()
            .Which.Should().ContainAll("Providers:p:BaseUrl: ", "Providers:p:ApiKey: ", "Providers:p:Models:m:OutputPrice: ")
            .And.NotContain("hidden");
    }

    [Fact]
    public void Poll_RefusedEditSavedAgainUnchanged_IsNotLoggedAgain()
    {
        var source = Start(Catalog(1));

        File.WriteAllText(Main, Catalog(1).Replace("http", "ftp", StringComparison.Ordinal));
        source.Poll();
        File.AppendAllText(Main, "\n");
        source.Poll();

        _log.At(LogLevel.Error).Should().ContainSingle();
    }

    [Fact]
    public void Poll_RefusedEditTakenBack_ClearsTheStatusWithoutARevision()
    {
        var source = Start(Catalog(1));
        var before = source.Store.Current;

        File.WriteAllText(Main, Catalog(1).Replace("http", "ftp", StringComparison.Ordinal));
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

        File.WriteAllText(Main, Catalog(1).Replace("http", "ftp", StringComparison.Ordinal));
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

    [Theory]
    [InlineData("// a comment\n{0}")]
    [InlineData("{0}\n\n")]
    public void Poll_OtherTextOfTheSameCatalogue_IsNoNewRevision(string format)
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

    [Fact]
    public void Poll_RuleThatThrows_RefusesTheEditAndKeepsTheCatalogue()
    {
        File.WriteAllText(Main, Catalog(1));
        var source = Start(Configuration(), new ThrowFromRevisionTwo());

        File.WriteAllText(Main, Catalog(2));
        source.Poll();

        Price(source).Should().Be(1);
        source.Status.Current.RejectedErrors.Should().ContainSingle().Which.Should().Contain(nameof(InvalidOperationException));
    }

    public void Dispose()
    {
        _opened.ForEach(opened => opened.Dispose());
        _folder.Delete(recursive: true);
    }

    private static string Catalog(int inputPrice) => $$"""
        { "Providers": { "p": { "BaseUrl": "http://localhost", "Models": { "m": { "InputPrice": {{inputPrice}}, "OutputPrice": 1 } } } } }
        """;

    private static long Price(CatalogSource source)
        => source.Store.Current.Providers["p"].Models["m"].Price.Tokens.Input / 1_000_000_000;

    private CatalogSource Start(string json)
    {
        File.WriteAllText(Main, json);
        return Start(Configuration());
    }

    private CatalogSource Start(IConfiguration configuration, params ICatalogRule[] rules)
    {
        var source = new CatalogSource(configuration, rules, _time, _log);
        _opened.Add(source);
        return source;
    }

    private IConfigurationRoot Configuration(params (string Key, string Value)[] over)
    {
        var configuration = new ConfigurationBuilder()
            .SetBasePath(_folder.FullName)
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddJsonFile("appsettings.Production.json", optional: true, reloadOnChange: false)
            .AddInMemoryCollection(over.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
            .Build();
        _opened.Add((IDisposable)configuration);
        return configuration;
    }

    private void WriteVersion(string name, string json)
        => File.WriteAllText(Path.Combine(_folder.CreateSubdirectory(name).FullName, "appsettings.json"), json);

    private void WriteOrDelete(string? text)
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
