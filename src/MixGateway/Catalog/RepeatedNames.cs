using System.Text.Json;

namespace MixGateway.Catalog;

/// <summary>
/// Names that stand more than once in an object of a settings file. Configuration compares names without case, so two model ids that
/// differ only in case are the same name to it, and its own message tells only of the first and not what to do.
/// </summary>
internal static class RepeatedNames
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The full path of each, in the order of the file. The text has to be JSON.</summary>
    public static IReadOnlyList<string> Find(ReadOnlySpan<byte> json)
    {
        List<string> repeated = [];
        Stack<Level> levels = new();
        var reader = new Utf8JsonReader(json, Options);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var path = levels.Peek().Add(reader.GetString()!, out var isNew);
                    if (!isNew)
                    {
                        repeated.Add(path);
                    }

                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    levels.Push(new Level(levels.TryPeek(out var parent) ? parent.Next() : "", reader.TokenType == JsonTokenType.StartArray));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    levels.Pop();
                    break;
                default:
                    if (levels.TryPeek(out var list))
                    {
                        list.Next();
                    }

                    break;
            }
        }

        return repeated;
    }

    /// <summary>What to do about it.</summary>
    public static string Describe(string path) =>
        $"{path} is there more than once. Names are compared without case: remove one, or write models whose ids differ only in case as a list with Id.";

    /// <summary>An object or a list that is being read.</summary>
    private sealed class Level(string path, bool isList)
    {
        private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
        private string _current = "";
        private int _index;

        public string Add(string name, out bool isNew)
        {
            isNew = _names.Add(name);
            return _current = path.Length == 0 ? name : ConfigurationPath.Combine(path, name);
        }

        /// <summary>The path of the value that comes now.</summary>
        public string Next() => isList ? ConfigurationPath.Combine(path, $"{_index++}") : _current;
    }
}
