using System.Text;
using Microsoft.Extensions.Configuration;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

/// <summary>Catalogs from JSON text, read the way the host reads its files.</summary>
internal static class CatalogJson
{
    public const string DeepSeek = """
        "deepseek": {
          "BaseUrl": "https://api.deepseek.com/v1",
          "Models": {
            "deepseek-chat": { "InputPrice": 0.28, "OutputPrice": 0.42 },
            "deepseek-reasoner": { "InputPrice": 0.5, "OutputPrice": 2 }
          }
        }
        """;

    public static IConfiguration Configuration(string json)
        => new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

    public static CatalogReading Read(string json, params ICatalogRule[] rules)
        => CatalogReader.Read(Configuration(json), rules, revision: 1);

    public static CatalogSnapshot Snapshot(string json)
    {
        var reading = Read(json);
        reading.Errors.Should().BeEmpty();
        return reading.Snapshot!;
    }

    /// <summary>A catalog with one provider <c>p</c> that has these settings beside a base address.</summary>
    public static CatalogReading ReadProvider(string settings)
        => Read($$"""{ "Providers": { "p": { "BaseUrl": "https://api.example.com/v1", {{settings}} } } }""");

    public static Provider Provider(string settings)
    {
        var reading = ReadProvider(settings);
        reading.Errors.Should().BeEmpty();
        return reading.Snapshot!.Providers["p"];
    }

    /// <summary>A catalog with one model <c>p:m</c> that has these settings.</summary>
    public static CatalogReading ReadModel(string settings)
        => ReadProvider($$"""  "Models": { "m": { {{settings}} } }""");

    public static Model Model(string settings)
    {
        var reading = ReadModel(settings);
        reading.Errors.Should().BeEmpty();
        return reading.Snapshot!.Providers["p"].Models["m"];
    }
}
