namespace MixGateway.Administration.Api;

/// <summary>What the text of a query parameter has to be.</summary>
internal enum QueryType
{
    Text,
    Id,
    Time,
    Integer,
    Flag,
}

/// <summary>A parameter of the query, for the API's description: endpoints read them by hand, to name every mistake at once.</summary>
/// <param name="Words">The only values it takes; null for any.</param>
internal sealed record QueryParameter(string Name, QueryType Type, string Description, bool IsRequired = false, IReadOnlyList<string>? Words = null);

/// <summary>A request that works, for the API's description.</summary>
internal sealed record BodyExample(string Json);
