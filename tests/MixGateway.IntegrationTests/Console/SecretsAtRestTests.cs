using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration.Secrets;
using MixGateway.Administration.Users;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Console;

/// <summary>What a copy of the database tells, from an installation without a master key to its second one.</summary>
public sealed class SecretsAtRestTests : IDisposable
{
    private const string NextKey = "the-next-master-key-0123456789-0123456789";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-secrets-");

    private string KeyFile => Path.Combine(_folder.FullName, MasterKeys.FileName);

    [Fact]
    public async Task Secrets_OfAnInstallation_AreEncryptedMovedToTheNextKeyAndKeepEverybodySignedIn()
    {
        using var visitor = new PageVisitor(new Uri("http://127.0.0.1"));
        var (secret, codes) = ("", Array.Empty<string>());
        await using (var first = await StartAsync())
        {
            await visitor.GoAsync(new Uri(first.Address, "/dashboard/sign-up").ToString());
            await visitor.SubmitAsync("sign-up", ("Input.Email", visitor.Email), ("Input.Password", PageVisitor.Password));
            await visitor.GoAsync(new Uri(first.Address, "/dashboard/profile/two-factor").ToString());
            secret = visitor.Text("#secret");
            await visitor.SubmitAsync("on", ("Input.Code", Totp.Code(secret)));
            codes = visitor.Text("#recovery").Split('\n');
            codes.Should().HaveCount(10);
            (await FileAsync()).Should().NotContain(secret).And.NotContain(codes[0]).And.NotContain("requiresEncryption");
            File.Exists(KeyFile).Should().BeTrue("there is no key in the settings");

            // As before there was a master key.
            await UnsealAsync(first, visitor.Email, secret, codes);
            (await FileAsync()).Should().Contain(secret).And.Contain("requiresEncryption");
        }

        await using (var second = await StartAsync())
        {
            await VisitAsync(visitor, second);
            await ShouldBeSealedAsync(second, secret, codes);
            await RecoverAsync(second, visitor.Email, codes[0]);
        }

        // The next key in the settings: the one of the file counts as the one before.
        await using (var third = await StartAsync($"Security:MasterKey={NextKey}"))
        {
            await VisitAsync(visitor, third);
            await ShouldBeSealedAsync(third, secret, codes);
        }

        File.Delete(KeyFile);
        await using (var fourth = await StartAsync($"Security:MasterKey={NextKey}"))
        {
            await VisitAsync(visitor, fourth);
            await RecoverAsync(fourth, visitor.Email, codes[1]);
        }

        var strange = () => StartAsync("Security:MasterKey=a-key-that-nobody-knows-0123456789-0123");
        (await strange.Should().ThrowAsync<DatabaseRefusedException>()).WithMessage("*encrypted with another master key*Security:PreviousMasterKeys*");
    }

    [Fact]
    public async Task Secrets_OfASharedDatabaseThatHadNoKey_AreEncryptedOnceThereIsOneAndKeepEverybodySignedIn()
    {
        await using var stores = await StoreSet.StartAsync(GatewayStores.Servers);
        using var visitor = new PageVisitor(new Uri("http://127.0.0.1"));
        await using (var first = await StartAsync(stores.Settings))
        {
            await visitor.GoAsync(new Uri(first.Address, "/dashboard/sign-up").ToString());
            await visitor.SubmitAsync("sign-up", ("Input.Email", visitor.Email), ("Input.Password", PageVisitor.Password));
            (await KeysAsync(first)).Should().NotBeEmpty().And.OnlyContain(static xml => xml.Contains("requiresEncryption"));
            File.Exists(KeyFile).Should().BeFalse("other replicas would not have it");
        }

        await using var second = await StartAsync([.. stores.Settings, $"Security:MasterKey={NextKey}"]);

        await VisitAsync(visitor, second);
        (await KeysAsync(second)).Should().NotBeEmpty().And.OnlyContain(static xml => !xml.Contains("requiresEncryption"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Without the key that all gateways under test share.</summary>
    private Task<TestGateway> StartAsync(params string[] settings) => TestGateway.StartAsync([.. ConsoleGateway.Settings, $"Data:Path={_folder.FullName}", "Security:MasterKey=", .. settings]);

    private static async Task VisitAsync(PageVisitor visitor, TestGateway gateway)
    {
        await visitor.GoAsync(new Uri(gateway.Address, "/dashboard/profile").ToString());
        visitor.Path.Should().Be("/dashboard/profile", "nobody is signed out");
    }

    private static async Task RecoverAsync(TestGateway gateway, string email, string code)
    {
        using var visitor = new PageVisitor(gateway.Address);
        await visitor.SignInAsync(email);
        await visitor.GoAsync("/dashboard/sign-in/recovery");
        await visitor.SubmitAsync("recovery", ("Input.Code", code));
        visitor.Path.Should().Be("/dashboard");
    }

    private static async Task ShouldBeSealedAsync(TestGateway gateway, string secret, string[] codes)
    {
        await using var database = await ConsoleGateway.OpenAsync(gateway);
        var rows = await database.Set<IdentityUserToken<Guid>>().Where(static token => token.LoginProvider == UserSecrets.Provider).Select(static token => token.Value).ToListAsync();
        var keys = await KeysAsync(gateway);
        var box = gateway.Services.GetRequiredService<SecretBox>();
        rows.Should().HaveCount(2).And.OnlyContain(value => box.IsCurrent(value!));
        keys.Should().NotBeEmpty().And.OnlyContain(static xml => !xml.Contains("requiresEncryption"));
        string.Concat(rows).Should().NotContain(secret).And.NotContain(codes[1]);
    }

    private static async Task<List<string>> KeysAsync(TestGateway gateway)
    {
        await using var database = await ConsoleGateway.OpenAsync(gateway);
        return await database.DataProtectionKeys.Select(static key => key.Xml!).ToListAsync();
    }

    /// <summary>Everything that the database's files hold.</summary>
    private async Task<string> FileAsync()
    {
        var text = new System.Text.StringBuilder();
        foreach (var file in Directory.GetFiles(_folder.FullName, "mixgateway.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            text.Append(await reader.ReadToEndAsync());
        }

        return text.ToString();
    }

    private static async Task UnsealAsync(TestGateway gateway, string email, string secret, string[] codes)
    {
        var box = gateway.Services.GetRequiredService<SecretBox>();
        await using var database = await ConsoleGateway.OpenAsync(gateway);
        var userId = await database.Users.Where(user => user.Email == email).Select(static user => user.Id).SingleAsync();
        foreach (var token in await database.Set<IdentityUserToken<Guid>>().AsTracking().Where(token => token.UserId == userId && token.LoginProvider == UserSecrets.Provider).ToListAsync())
        {
            token.Value = token.Name == UserSecrets.AuthenticatorKey ? secret : string.Join(';', codes);
        }

        foreach (var key in await database.DataProtectionKeys.AsTracking().ToListAsync())
        {
            var xml = System.Xml.Linq.XElement.Parse(key.Xml!);
            foreach (var part in xml.Descendants().Where(static element => element.Name.LocalName == "encryptedSecret").ToArray())
            {
                part.ReplaceWith(KeyRing.Open(box, part.Elements().Single()));
            }

            key.Xml = xml.ToString();
        }

        await database.SaveChangesAsync();
    }
}
