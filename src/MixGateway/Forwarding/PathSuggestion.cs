namespace MixGateway.Forwarding;

/// <summary>Finds the path that a caller meant: base URLs are given without <c>/v1</c>, with it twice, with a slash too many, or as other services have them.</summary>
internal static class PathSuggestion
{
    private const string Version = "v1";
    private const string Models = "models";

    /// <summary>Longer paths are answered without a suggestion: the longest real one is a model's id behind <see cref="OpenAIPaths.Models"/>.</summary>
    private const int MaxLength = 1024;

    /// <summary>A path of <c>/v1</c>, or null if the caller may have meant anything.</summary>
    public static string? Of(PathString path)
    {
        if (path.Value is not { Length: > 1 and <= MaxLength } text)
        {
            return null;
        }

        var segments = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Operation(segments) ?? ModelsOf(segments);
    }

    /// <summary>Whatever stands in front of a known operation, as in <c>/openai/deployments/x/chat/completions</c>, was meant for another service.</summary>
    private static string? Operation(string[] segments)
    {
        for (var first = 0; first < segments.Length; first++)
        {
            var candidate = $"{OpenAIPaths.Root}/{string.Join('/', segments[first..]).ToLowerInvariant()}";
            if (OpenAIPaths.TryGetOperation(candidate, out _))
            {
                return candidate;
            }
        }

        return null;
    }

    private static string? ModelsOf(string[] segments)
    {
        var first = 0;
        while (first < segments.Length && segments[first].Equals(Version, StringComparison.OrdinalIgnoreCase))
        {
            first++;
        }

        return first < segments.Length && segments[first].Equals(Models, StringComparison.OrdinalIgnoreCase)
            ? string.Join('/', [OpenAIPaths.Models, .. segments[(first + 1)..]])
            : null;
    }
}
