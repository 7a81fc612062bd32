using System.Globalization;
using System.Text;

namespace MixGateway.Tests.OpenAI;

/// <summary>A random request together with what the provider must get for it, built side by side so that nothing of the code under test is asked.</summary>
internal sealed class RandomRequest
{
    public const string Upstream = "up/stream-\"1\"";
    public const string UpstreamJson = "\"up/stream-\\\"1\\\"\"";

    private static readonly string[] Space = ["", "", "", " ", "\n", "\t", "\r\n", "  \n  "];

    private readonly Random _random;
    private readonly StringBuilder _sent = new();
    private readonly StringBuilder _expected = new();

    public RandomRequest(int seed, bool streamEdits = true)
    {
        _random = new Random(seed);
        Stream = _random.Next(2) == 0;
        EditsUsage = Stream && streamEdits;
        Model = $"p:{RandomText()}m";
        Write();
    }

    public string Model { get; }

    public bool Stream { get; }

    public byte[] Sent => Encoding.UTF8.GetBytes(_sent.ToString());

    public byte[] Expected => Encoding.UTF8.GetBytes(_expected.ToString());

    private bool EditsUsage { get; }

    private void Write()
    {
        var optionsForm = _random.Next(6);
        var members = new List<Action> { WriteModel, () => Both($"{Name("stream")}{Colon()}{(Stream ? "true" : "false")}") };
        if (optionsForm > 0)
        {
            members.Add(() => WriteStreamOptions(optionsForm));
        }

        for (var i = _random.Next(8); i > 0; i--)
        {
            var name = _random.Next(4) == 0 ? "messages" : $"x{i}{RandomText()}";
            members.Add(() => Both(Name(name) + Colon() + Value(_random.Next(6))));
        }

        if (_random.Next(10) == 0)
        {
            members.Add(WriteModel);
        }

        if (_random.Next(4) == 0)
        {
            Both("\uFEFF");
        }

        Both(S() + "{");
        if (EditsUsage && optionsForm == 0)
        {
            _expected.Append("\"stream_options\":{\"include_usage\":true},");
        }

        var order = members.ToArray();
        _random.Shuffle(order);
        for (var i = 0; i < order.Length; i++)
        {
            Both((i == 0 ? "" : ",") + S());
            order[i]();
            Both(S());
        }

        Both("}" + S());
    }

    private void WriteModel()
    {
        Both(Name("model") + Colon());
        _sent.Append(Quoted(Model));
        _expected.Append(UpstreamJson);
    }

    private void WriteStreamOptions(int form)
    {
        Both(Name("stream_options") + Colon());
        switch (form)
        {
            case 1:
                Either("null", "{\"include_usage\":true}");
                break;
            case 2:
                Both("{");
                Either("", "\"include_usage\":true");
                Both(S() + "}");
                break;
            case 3:
                Both("{");
                Either("", "\"include_usage\":true,");
                Both(S() + Name("include_obfuscation") + Colon() + Value(2) + "}");
                break;
            case 4:
                Both("{" + S() + Name("include_usage") + Colon());
                Either(_random.Next(2) == 0 ? "false" : "null", "true");
                Both(S() + "," + Name("a") + Colon() + Value(2) + S() + "}");
                break;
            default:
                Both("{" + S() + Name("include_usage") + Colon() + "true" + S() + "}");
                break;
        }
    }

    private void Either(string sent, string expected)
    {
        _sent.Append(sent);
        _expected.Append(EditsUsage ? expected : sent);
    }

    private void Both(string text)
    {
        _sent.Append(text);
        _expected.Append(text);
    }

    private string Value(int depth) => _random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => _random.Next().ToString(CultureInfo.InvariantCulture),
        1 => new[] { "1e5", "-0.0", "1E+2", "123456789012345678901234567890.10", "0.1e-400" }[_random.Next(5)],
        2 => "true",
        3 => "null",
        4 => Quoted(RandomText()),
        5 => Quoted(new string((char)('a' + _random.Next(26)), _random.Next(5000))),
        6 => $"[{S()}{string.Join("," + S(), Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth - 1)))}{S()}]",
        7 => $"{{{Name("model")}{Colon()}{Value(depth - 1)},{Name("stream_options")}{Colon()}null,{Name("Stream")}:{Value(depth - 1)}}}",
        _ => new string('[', 80) + "{\"model\":\"inner\"}" + new string(']', 80),
    };

    private string Name(string name) => Quoted(name);

    private string Colon() => S() + ":" + S();

    private string S() => Space[_random.Next(Space.Length)];

    private string RandomText()
    {
        string[] pieces = ["a", "é", "你好", "\U0001F600", "\"", "\\", "/", "\n", "data: [DONE]", "\"model\":\"x\"", "}", " "];
        return string.Concat(Enumerable.Range(0, _random.Next(5)).Select(_ => pieces[_random.Next(pieces.Length)]));
    }

    private string Quoted(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            var plain = rune.ToString();
            json.Append((rune.Value, _random.Next(6)) switch
            {
                (_, 0) => string.Concat(plain.Select(unit => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"))),
                ('\n', _) => "\\n",
                ('"' or '\\', _) => $"\\{plain}",
                ('/', 1) => "\\/",
                _ => plain,
            });
        }

        return json.Append('"').ToString();
    }
}
