using System.Globalization;
using System.Text;

namespace MixGateway.Tests.OpenAI;

public sealed class WireFuzzTests
{
    private static readonly byte[][] Seeds =
    [
        .. SseRecording.All.Select(recording => Encoding.UTF8.GetBytes(recording.Upstream)),
        .. Enumerable.Range(0, 20).Select(seed => new RandomRequest(seed).Sent).Where(body => body.Length < 2000),
        "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":null},\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"data:x\"}}]}]}"u8.ToArray(),
        "{\"object\":\"list\",\"data\":[{\"embedding\":[0.1,-2e-5]}],\"model\":\"m\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}"u8.ToArray(),
        "{\"error\":{\"message\":\"m: sk-abcdefgh secret-key\",\"type\":\"t\",\"param\":null,\"code\":400}}"u8.ToArray(),
        "data: {\"error\":{\"message\":\"x\"}}\n\n"u8.ToArray(),
    ];

    private static readonly byte[][] Tokens =
    [
        .. "\"|\\|{|}|[|]|,|:|\n|\r|\r\n|\n\n|\\u0065|\\ud800|\uFEFF|\0|1e9|-1|null|true|\"model\":|\"Model\":|\"usage\":{|\"choices\":[]|\"error\":|\"stream\":true|\"stream_options\":{}|data: |data:|[DONE]|data: [DONE]\n\n|:"
            .Split('|').Select(Encoding.UTF8.GetBytes),
        [0xFF],
        [0xC3],
    ];

    /// <summary>Another seed and a higher count, for a longer search: MIXGATEWAY_FUZZ_SEED, MIXGATEWAY_FUZZ_COUNT.</summary>
    [Fact]
    public void Run_MutatedInputs_HoldsEveryPromise()
    {
        var seed = Setting("MIXGATEWAY_FUZZ_SEED", 20260101);
        var random = new Random(seed);
        for (var i = 0; i < Setting("MIXGATEWAY_FUZZ_COUNT", 6000); i++)
        {
            var input = Mutate(Seeds[random.Next(Seeds.Length)], random);
            var run = () => WireFuzz.Run(input);
            run.Should().NotThrow("input {0} of seed {1} is {2}", i, seed, Convert.ToBase64String(input));
        }
    }

    [Fact]
    public void Run_RandomBytes_HoldsEveryPromise()
    {
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var input = new byte[random.Next(200)];
            random.NextBytes(input);
            WireFuzz.Run(input);
        }
    }

    [Fact]
    public void Run_UnchangedSeeds_HoldEveryPromise()
    {
        foreach (var seed in Seeds)
        {
            WireFuzz.Run(seed);
        }
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(random.Next(1, 20), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes.RemoveRange(at, length);
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 2 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
