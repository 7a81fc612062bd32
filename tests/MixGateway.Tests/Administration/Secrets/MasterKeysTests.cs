using Microsoft.Extensions.Options;
using MixGateway.Administration.Secrets;
using MixGateway.Storage;

namespace MixGateway.Tests.Administration.Secrets;

public sealed class MasterKeysTests : IDisposable
{
    private const string Configured = "a master key of the settings 0123456789";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mixgateway-keys-{Guid.NewGuid():N}");

    private string KeyFile => Path.Combine(_folder, MasterKeys.FileName);

    [Fact]
    public void Key_OfTheDataFolder_IsMadeOnceForItsOwnerAlone()
    {
        var first = Keys().Current!.Id;

        File.ReadAllText(KeyFile).Trim().Should().MatchRegex("^[0-9a-f]{64}$");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(KeyFile).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Directory.GetFiles(_folder).Should().ContainSingle("no draft of it is left behind");
        Keys().Current!.Id.Should().Equal(first);
    }

    [Fact]
    public void Key_OfTheSettings_IsUsedAndTheFileCountsAsTheOneBefore()
    {
        var old = Keys().Current!.Id;

        var keys = Keys(Configured);

        keys.Current!.Id.Should().NotEqual(old);
        keys.Find(old).Should().NotBeNull();
    }

    [Fact]
    public void Key_OfTheSettings_MakesNoFile()
    {
        _ = Keys(Configured).Current;

        Directory.Exists(_folder).Should().BeFalse();
    }

    [Fact]
    public void File_WithHalfAKey_IsRefusedAndKept()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(KeyFile, "0123");

        var refused = Keys().Invoking(static keys => keys.Current).Should().Throw<DatabaseRefusedException>().Which;

        refused.Message.Should().Contain(KeyFile).And.NotContain("0123 ");
        File.ReadAllText(KeyFile).Should().Be("0123");
    }

    /// <summary>Replicas share the database, and not the folder.</summary>
    [Fact]
    public void Key_OfASharedDatabase_IsTheConfiguredOneOrNone()
    {
        Keys(keepsFile: false).Current.Should().BeNull();
        File.Exists(KeyFile).Should().BeFalse();
        Keys(Configured, keepsFile: false).Current.Should().NotBeNull();

        var box = new SecretBox(Keys(keepsFile: false));
        box.Seal("purpose", "subject", "secret").Should().Be("secret");
        box.IsCurrent("secret").Should().BeTrue();
        var foreign = new SecretBox(Keys(Configured)).Seal("purpose", "subject", "secret");
        (box.IsCurrent(foreign), box.CanOpen(foreign)).Should().Be((false, false));
    }

    [Theory]
    [InlineData("too short", "*at least 32 characters*")]
    [InlineData(Configured, null)]
    [InlineData(" ", null)]
    [InlineData(null, null)]
    public void Key_ThatCanBeGuessed_IsRefused(string? key, string? refused)
    {
        var result = new SecurityOptionsValidation().Validate(null, new SecurityOptions { MasterKey = key });

        if (refused is null)
        {
            result.Succeeded.Should().BeTrue(result.FailureMessage);
        }
        else
        {
            result.Failures.Should().ContainSingle().Which.Should().Match(refused);
            result.FailureMessage.Should().NotContain("too short");
        }
    }

    [Fact]
    public void PreviousKeys_WithoutACurrentOneOrTooShort_AreRefused()
    {
        var validation = new SecurityOptionsValidation();

        validation.Validate(null, new SecurityOptions { PreviousMasterKeys = { Configured } }).FailureMessage.Should().Contain("needs Security:MasterKey");
        validation.Validate(null, new SecurityOptions { MasterKey = Configured, PreviousMasterKeys = { Configured, "short" } }).FailureMessage.Should().Contain("Security:PreviousMasterKeys:1");
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private MasterKeys Keys(string? configured = null, bool keepsFile = true) =>
        new(Options.Create(new SecurityOptions { MasterKey = configured }), new DataFolder(_folder), keepsFile);
}
