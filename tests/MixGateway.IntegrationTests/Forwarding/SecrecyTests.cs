using System.Text;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class SecrecyTests : IDisposable
{
    private const string UpstreamKey = "upstream-secret-0123456789";
    private const string Prompt = "the-prompt-that-nobody-logs";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-logs-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Secrets_OfEveryKind_AreInNoLogNoAnswerAndNoColumn()
    {
        string key;
        var answers = new StringBuilder();
        await using (var gateway = await TestGateway.StartAsync(
            "Serilog:MinimumLevel:Default=Verbose",
            "Serilog:MinimumLevel:Override:Microsoft=Verbose",
            "Serilog:MinimumLevel:Override:Yarp=Verbose",
            "Serilog:WriteTo:0:Name=File",
            $"Serilog:WriteTo:0:Args:path={Path.Combine(_folder.FullName, "log")}",
            "Serilog:WriteTo:0:Args:formatter=Serilog.Formatting.Compact.CompactJsonFormatter, Serilog.Formatting.Compact"))
        {
            var account = await gateway.CreateAccountAsync();
            key = account.Key;
            foreach (var script in (string[])["sim", "sim+error=401+errorbody=leak", "sim+error=400+errorbody=leak", "sim+error=500+errorbody=leak", "sim+cut=1", "sim+hang=0+reset=1", "sim+headers=1", "sim+ok200error=1+errorbody=leak", "sim+errorafter=1+errorbody=leak"])
            {
                foreach (var stream in (bool[])[false, true])
                {
                    using var response = await account.ChatAsync(script, stream, $",\"user\":\"{Prompt}\"");
                    answers.Append(response).Append(await ReadAsync(response));
                }
            }

            using var wrongKey = await gateway.CallAsync(key + "x", Encoding.UTF8.GetBytes(Prompt));
            using var badBody = await gateway.CallAsync(key, Encoding.UTF8.GetBytes($"{{\"model\":\"sim:x\",\"{Prompt}\""));
            using var wrongToken = await gateway.Client.GetAsync(new Uri("/api/v1/accounts", UriKind.Relative));
            foreach (var response in (HttpResponseMessage[])[wrongKey, badBody, wrongToken])
            {
                answers.Append(response).Append(await ReadAsync(response));
            }

            answers.Append(await gateway.GetAsync($"/api/v1/accounts/{account.Id}/keys")).Append(await gateway.GetAsync($"/api/v1/accounts/{account.Id}/usage"));
            await gateway.StopAsync();
            foreach (var file in Directory.GetFiles(gateway.DataPath, "mixgateway.db*"))
            {
                var bytes = await File.ReadAllBytesAsync(file);
                Find(bytes, UpstreamKey, key, TestGateway.AdminToken, Prompt).Should().BeEmpty("nothing secret is in {0}", Path.GetFileName(file));
            }
        }

        var log = await ReadLogAsync();
        log.Should().HaveCountGreaterThan(10_000, "everything is logged in this test");
        Find(log, UpstreamKey, key, TestGateway.AdminToken, Prompt).Should().BeEmpty("nothing secret is logged, at any level");
        Find(Encoding.UTF8.GetBytes(answers.ToString()), UpstreamKey, key, TestGateway.AdminToken).Should().BeEmpty("nothing secret is answered");
    }

    private async Task<byte[]> ReadLogAsync()
    {
        using var all = new MemoryStream();
        foreach (var file in _folder.GetFiles())
        {
            await all.WriteAsync(await File.ReadAllBytesAsync(file.FullName));
        }

        return all.ToArray();
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        try
        {
            return await response.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    /// <summary>The secrets that are there, and those of which a good part is.</summary>
    private static IEnumerable<string> Find(byte[] text, params string[] secrets) =>
        secrets.Where(secret => text.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret[4..20])) >= 0);
}
