using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class CatalogExtensionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("catalog-host-");

    [Fact]
    public async Task Host_FileEditedWhileItRuns_IsInForceWithinASecond()
    {
        Write("appsettings.json", "https://first.example");
        var time = new FakeTimeProvider();
        await using var app = Build(time, []);
        var watcher = app.Services.GetServices<IHostedService>().OfType<CatalogWatcher>().Single();
        var store = app.Services.GetRequiredService<CatalogStore>();
        store.Current.Providers["p"].BaseUrl.Host.Should().Be("first.example");
        await watcher.StartAsync(CancellationToken.None);

        Write("appsettings.json", "https://second.example");
        var replaced = new TaskCompletionSource();
        using var registration = store.ChangeToken.RegisterChangeCallback(_ => replaced.TrySetResult(), null);
        await AdvanceUntilAsync(time, replaced.Task);
        await watcher.StopAsync(CancellationToken.None);

        store.Current.Providers["p"].BaseUrl.Host.Should().Be("second.example");
        app.Services.GetRequiredService<CatalogStatus>().Current.Revision.Should().Be(2);
    }

    [Fact]
    public async Task Host_EnvironmentFileAndCommandLine_ComeOverTheMainFile()
    {
        Write("appsettings.json", "https://first.example");
        Write("appsettings.Production.json", "https://second.example");

        await using var app = Build(new FakeTimeProvider(), ["--Providers:p:ApiKey=from-command-line"]);

        var provider = app.Services.GetRequiredService<CatalogStore>().Current.Providers["p"];
        provider.BaseUrl.Host.Should().Be("second.example");
        provider.Credentials.Should().Equal(new Credential("0", "from-command-line"));
    }

    [Fact]
    public async Task Host_InvalidSettings_DoesNotStart()
    {
        Write("appsettings.json", "nowhere");
        await using var app = Build(new FakeTimeProvider(), []);

        var start = () => app.StartAsync();

        (await start.Should().ThrowAsync<CatalogException>()).WithMessage("*Providers:p:BaseUrl: *");
    }

    [Fact]
    public async Task Host_RegisteredRule_IsAsked()
    {
        Write("appsettings.json", "https://first.example");
        var builder = Builder(new FakeTimeProvider(), []);
        builder.Services.AddSingleton<ICatalogRule, RefuseAll>();
        await using var app = builder.Build();

        var read = app.Services.GetRequiredService<CatalogStore>;

        read.Should().Throw<CatalogException>().Which.Errors.Should().Equal("Providers: refused by rule.");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Advances the clock until the watcher has done its part; a real time-out makes a watcher that never looks fail.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Task done)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!done.IsCompleted && !limit.IsCancellationRequested)
        {
            time.Advance(CatalogWatcher.Period);
            await Task.Yield();
        }

        done.IsCompleted.Should().BeTrue("the watcher looks at the file every {0}", CatalogWatcher.Period);
    }

    private WebApplicationBuilder Builder(TimeProvider time, string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [.. args, "--urls=http://127.0.0.1:0"],
            ContentRootPath = _folder.FullName,
            EnvironmentName = Environments.Production,
        });
        builder.Services.AddSingleton(time);
        return builder.AddCatalog();
    }

    private WebApplication Build(TimeProvider time, string[] args) => Builder(time, args).Build();

    private void Write(string name, string baseUrl)
        => File.WriteAllText(Path.Combine(_folder.FullName, name), $$"""{ "Providers": { "p": { "BaseUrl": "{{baseUrl}}" } } }""");

    private sealed class RefuseAll : ICatalogRule
    {
        public void Check(CatalogSnapshot snapshot, ICollection<string> errors) => errors.Add("Providers: refused by rule.");
    }
}
