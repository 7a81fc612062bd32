using System.Security.Cryptography;
using System.Text;

namespace MixGateway.Quotas;

/// <summary>One Lua script as it is sent: the parts that its first line includes, then its own text.</summary>
internal sealed class Script
{
    private const string Include = "-- include: ";

    private Script(string name)
    {
        Name = name;
        Text = Compose(name);
        // The protocol names scripts by SHA-1; nothing rests on its strength.
#pragma warning disable CA5350
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    public static Script Admit { get; } = new("admit");

    public static Script Peek { get; } = new("peek");

    public static Script Install { get; } = new("install");

    public static Script Extend { get; } = new("extend");

    public static Script Restore { get; } = new("restore");

    public static Script Raise { get; } = new("raise");

    public static Script Settle { get; } = new("settle");

    public static Script Claim { get; } = new("claim");

    public static Script Abandon { get; } = new("abandon");

    public static Script Ack { get; } = new("ack");

    public static Script Release { get; } = new("release");

    public static Script Debit { get; } = new("debit");

    public static Script Stop { get; } = new("stop");

    public static Script Inspect { get; } = new("inspect");

    public static Script Snapshot { get; } = new("snapshot");

    public static Script Repair { get; } = new("repair");

    public static Script Evict { get; } = new("evict");

    public static Script InFlight { get; } = new("inflight");

    public static Script Identify { get; } = new("identify");

    public static Script Check { get; } = new("check");

    public string Name { get; }

    public string Text { get; }

    /// <summary>The SHA-1 by which a server that has seen the text knows it.</summary>
    public byte[] Hash { get; }

    private static string Compose(string name)
    {
        var text = Read(name);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        if (!text.StartsWith(Include, StringComparison.Ordinal))
        {
            return text;
        }

        var whole = new StringBuilder();
        foreach (var part in text[Include.Length..end].Split(' '))
        {
            whole.Append(Read("_" + part)).Append('\n');
        }

        return whole.Append(text, end + 1, text.Length - end - 1).ToString();
    }

    private static string Read(string name)
    {
        using var stream = typeof(Script).Assembly.GetManifestResourceStream($"Quotas/{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not embedded in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
