using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using MixGateway.Diagnostics;

namespace MixGateway.Tests.Diagnostics;

public sealed class SecretFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-secrets-");

    [Fact]
    public void File_NamedAsASetting_IsItsValueWithoutTheLineEnd()
    {
        Write("Providers__deepseek__ApiKey", "sk-secret\n");
        Write("Bootstrap__AdminToken", "token");

        var configuration = Read();

        configuration["Providers:deepseek:ApiKey"].Should().Be("sk-secret");
        configuration["Bootstrap:AdminToken"].Should().Be("token");
    }

    [Fact]
    public void CommandLine_WithTheSameSetting_Wins()
    {
        Write("Bootstrap__AdminToken", "file");

        Read("--Bootstrap:AdminToken=argument")["Bootstrap:AdminToken"].Should().Be("argument");
    }

    [Fact]
    public void SettingsFile_WithTheSameSetting_Loses()
    {
        Write("Bootstrap__AdminToken", "secret");
        var builder = WebApplication.CreateBuilder([$"--{SecretFiles.PathKey}={_folder.FullName}"]);
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = [KeyValuePair.Create("Bootstrap:AdminToken", (string?)"settings")] });

        builder.AddSecretFiles();

        builder.Configuration["Bootstrap:AdminToken"].Should().Be("secret");
    }

    [Fact]
    public void Files_HiddenOrIgnored_AreNoSettings()
    {
        Write(".hidden", "");
        Write("ignore.me", "");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "..data", "nested"));

        var configuration = Read();

        configuration[".hidden"].Should().BeNull();
        configuration["ignore.me"].Should().BeNull();
    }

    [Fact]
    public void Files_EmptyOnes_AreAllNamed()
    {
        Write("Bootstrap__AdminToken", "\n");
        Write("ConnectionStrings__PostgresPassword", "");

        FluentActions.Invoking(() => Read()).Should().Throw<SettingsRefusedException>()
            .Which.Message.Should().ContainAll("Bootstrap:AdminToken", "ConnectionStrings:PostgresPassword", "empty");
    }

    [Fact]
    public void Folder_ThatIsSetAndMissing_IsRefused() =>
        FluentActions.Invoking(() => Read($"--{SecretFiles.PathKey}={_folder.FullName}/none")).Should().Throw<SettingsRefusedException>()
            .Which.Message.Should().Contain(SecretFiles.PathKey);

    [Fact]
    public void Required_MissingOnes_AreAllNamedWithTheirFiles()
    {
        Write("ConnectionStrings__RedisPassword", "there");

        FluentActions.Invoking(() => Read($"--{SecretFiles.RequiredKey}=Bootstrap:AdminToken; ConnectionStrings:PostgresPassword;ConnectionStrings:RedisPassword"))
            .Should().Throw<SettingsRefusedException>()
            .Which.Message.Should().ContainAll("Bootstrap:AdminToken", Path.Combine(_folder.FullName, "ConnectionStrings__PostgresPassword"))
            .And.NotContain("RedisPassword");
    }

    [Fact]
    public void Required_SetOnTheCommandLine_IsThere() =>
        Read($"--{SecretFiles.RequiredKey}=Bootstrap:AdminToken", "--Bootstrap:AdminToken=argument")["Bootstrap:AdminToken"].Should().Be("argument");

    public void Dispose() => _folder.Delete(recursive: true);

    private ConfigurationManager Read(params string[] arguments)
    {
        var builder = WebApplication.CreateBuilder([$"--{SecretFiles.PathKey}={_folder.FullName}", .. arguments]);
        builder.AddSecretFiles();
        return builder.Configuration;
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);
}
