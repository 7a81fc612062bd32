namespace MixGateway.Administration.Api;

/// <summary>The lower-case words by which the API names the values of an enum.</summary>
internal static class Words<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> Values = Enum.GetValues<T>().ToDictionary(value => value.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    public static readonly IReadOnlyList<string> All = [.. Values.Keys];

    public static readonly string Expected = $"Has to be one of: {string.Join(", ", Values.Keys)}.";

    public static T? Find(string word) => Values.TryGetValue(word, out var value) ? value : null;
}
