using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class CatalogFileFaultTests : CatalogFolder
{
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
        Log.At(LogLevel.Warning).Should().BeEmpty();
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
        Time.Advance(CatalogFile.Patience);
        source.Poll();
        Log.At(LogLevel.Warning).Should().BeEmpty();
        Time.Advance(TimeSpan.FromMilliseconds(1));
        source.Poll();
        source.Poll();

        Log.At(LogLevel.Warning).Should().ContainSingle().Which.Should().Contain(Main).And.NotContain("hidden");
        Price(source).Should().Be(1);
    }

    [Fact]
    public void Poll_OptionalFileThatIsNotThere_ThrowsNothingUntilItIsMade()
    {
        var source = Start(Catalog(1));
        var thrown = 0;
        var thread = Environment.CurrentManagedThreadId;
        void Count(object? sender, FirstChanceExceptionEventArgs e) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;

        AppDomain.CurrentDomain.FirstChanceException += Count;
        source.Poll();
        source.Poll();
        AppDomain.CurrentDomain.FirstChanceException -= Count;

        thrown.Should().Be(0, "a gateway looks four times a second");
        File.WriteAllText(Second, Catalog(2));
        source.Poll();
        Price(source).Should().Be(2);
    }

    [Fact]
    public void Poll_FileUnusableForLongAgain_IsWarnedOfAgain()
    {
        var source = Start(Catalog(1));
        for (var time = 0; time < 2; time++)
        {
            File.WriteAllText(Main, "{");
            source.Poll();
            Time.Advance(TimeSpan.FromSeconds(3));
            source.Poll();
            File.WriteAllText(Main, Catalog(1));
            source.Poll();
        }

        Log.At(LogLevel.Warning).Should().HaveCount(2);
    }

    [Fact]
    public void Poll_FolderInTheFilesPlace_KeepsWhatTheFileHeld()
    {
        var source = Start(Catalog(1));

        File.Delete(Main);
        Directory.CreateDirectory(Main);
        source.Poll();
        Time.Advance(TimeSpan.FromSeconds(3));
        source.Poll();

        Price(source).Should().Be(1);
        Log.At(LogLevel.Warning).Should().ContainSingle().Which.Should().Contain("cannot be read");
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
}
