namespace MixGateway.Console.Account;

/// <summary>Says in two words what a browser calls itself in a hundred.</summary>
internal static class Browsers
{
    /// <summary>In this order: most claim to be others as well.</summary>
    private static readonly (string Mark, string Name)[] Names = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")];

    public static string Describe(string? userAgent)
    {
        var name = Find(Names, userAgent) ?? userAgent?.Split('/', ' ')[0] ?? "?";
        return Find(Systems, userAgent) is { } system ? $"{name} · {system}" : name;
    }

    private static string? Find((string Mark, string Name)[] known, string? userAgent) =>
        Array.Find(known, entry => userAgent?.Contains(entry.Mark, StringComparison.Ordinal) == true).Name;
}
