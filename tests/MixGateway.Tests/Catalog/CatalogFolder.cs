using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

/// <summary>A folder with settings files, and a catalog that is read from it on a clock of its own.</summary>
public abstract class CatalogFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("catalog-");
    private readonly List<IDisposable> _opened = [];

    private protected FakeTimeProvider Time { get; } = new();

    private protected LogRecorder<CatalogSource> Log { get; } = new();

    private protected string Main => In("appsettings.json");

    private protected string Second => In("appsettings.Production.json");

    public void Dispose()
    {
        _opened.ForEach(opened => opened.Dispose());
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>One model, <c>p:m</c>, at this price.</summary>
    private protected static string Catalog(int inputPrice) => $$"""
        { "Providers": { "p": { "BaseUrl": "http://localhost", "Models": { "m": { "InputPrice": {{inputPrice}}, "OutputPrice": 1 } } } } }
        """;

    private protected static string InvalidCatalog() => Catalog(1).Replace("http", "ftp", StringComparison.Ordinal);

    private protected static long Price(CatalogSource source)
        => source.Store.Current.Providers["p"].Models["m"].Price.Tokens.Input / 1_000_000_000;

    private protected string In(string name) => Path.Combine(_folder.FullName, name);

    private protected CatalogSource Start(string json)
    {
        File.WriteAllText(Main, json);
        return Start(Configuration());
    }

    private protected CatalogSource Start(IConfiguration configuration, params ICatalogRule[] rules)
    {
        var source = new CatalogSource(configuration, rules, Time, Log);
        _opened.Add(source);
        return source;
    }

    /// <summary>Two files as a host has them, and these settings over them.</summary>
    private protected IConfigurationRoot Configuration(params (string Key, string Value)[] over)
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
}
