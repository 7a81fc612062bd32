using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Answers;

/// <summary>The content of an answer in pieces, each escaped for a JSON string.</summary>
internal sealed record AnswerText(IReadOnlyList<byte[]> Pieces)
{
    private const string Greeting = "Hello from the simulator.";
    private const string DefaultWord = "token";

    /// <summary>The text of a script that does not echo.</summary>
    public static AnswerText Scripted(SimulatorScript script)
    {
        if (script.Size is int size)
        {
            byte[] filled = Fill(script.Text ?? DefaultWord, size);
            return new AnswerText(Repeat(filled, filled, script.Chunks ?? 1));
        }

        if (script.Text is null && script.Chunks is null)
        {
            return script.Tools > 0 ? new AnswerText([]) : new AnswerText(Words(Greeting, null));
        }

        string word = script.Text ?? DefaultWord;
        return new AnswerText(Repeat(Escaped(word), Escaped(" " + word), script.Chunks ?? 1));
    }

    /// <summary>The caller's own text, word by word.</summary>
    public static AnswerText Echo(SimulatorScript script, string text) => new(Words(text, script.Chunks));

    private static byte[][] Repeat(byte[] first, byte[] next, int count)
    {
        byte[][] pieces = new byte[count][];
        Array.Fill(pieces, next);
        if (count > 0)
        {
            pieces[0] = first;
        }

        return pieces;
    }

    /// <summary>Cuts a text before its words, into as many pieces as there are words or are asked for, whichever is less.</summary>
    private static byte[][] Words(string text, int? count)
    {
        List<int> starts = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsWhiteSpace(text[i]) && (i == 0 || char.IsWhiteSpace(text[i - 1])))
            {
                starts.Add(i);
            }
        }

        int pieces = Math.Min(count ?? starts.Count, starts.Count);
        byte[][] words = new byte[pieces][];
        for (int piece = 0; piece < pieces; piece++)
        {
            // The space before a word goes with it; what is before the first word goes with the first.
            int from = piece == 0 ? 0 : SpaceBefore(text, starts[First(piece)]);
            int to = piece == pieces - 1 ? text.Length : SpaceBefore(text, starts[First(piece + 1)]);
            words[piece] = Escaped(text[from..to]);
        }

        return words;

        int First(int piece) => (int)((long)piece * starts.Count / pieces);
    }

    private static int SpaceBefore(string text, int start)
    {
        while (start > 0 && char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        return start;
    }

    /// <summary>Exactly so many bytes: the word and a space over and over, then dots where no whole word fits.</summary>
    private static byte[] Fill(string word, int size)
    {
        byte[] unit = Escaped(word + " ");
        byte[] filled = new byte[size];
        int length = 0;
        for (; length + unit.Length <= size; length += unit.Length)
        {
            unit.CopyTo(filled, length);
        }

        filled.AsSpan(length).Fill((byte)'.');
        return filled;
    }

    private static byte[] Escaped(string text) => JsonAppend.Escape(text).ToArray();
}
