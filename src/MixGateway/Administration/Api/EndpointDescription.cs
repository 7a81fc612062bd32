using Microsoft.AspNetCore.Mvc;

namespace MixGateway.Administration.Api;

/// <summary>Says of an endpoint what a caller has to know: the OpenAPI document is made of it.</summary>
internal static class EndpointDescription
{
    private const string ProblemMediaType = "application/problem+json";

    /// <param name="operation">Its name in generated clients.</param>
    /// <param name="scope">One of <see cref="Scopes"/>.</param>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder route, string operation, string scope, string summary, string description = "") =>
        route.WithName(operation).WithSummary(summary).WithDescription($"{description} Scope: `{scope}`.".TrimStart()).WithMetadata(new ScopeRequirement(scope));

    /// <param name="example">A body that works.</param>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder route, string example)
        where T : notnull => route.Accepts<T>("application/json").WithMetadata(new BodyExample(example)).Refuses(400, 413, 415);

    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder route, int status = StatusCodes.Status200OK) =>
        route.Produces<T>(status, "application/json");

    /// <summary>A list, page by page.</summary>
    public static RouteHandlerBuilder GivesPage<T>(this RouteHandlerBuilder route) => route.Gives<Page<T>>().Refuses(400)
        .Query("limit", QueryType.Integer, $"How many at most: 1 to {PageRequest.MaxLimit}, {PageRequest.DefaultLimit} by default.")
        .Query("cursor", QueryType.Text, "`nextCursor` of the page before, as it is; none for the first page.");

    public static RouteHandlerBuilder Query(this RouteHandlerBuilder route, string name, QueryType type, string description) =>
        route.WithMetadata(new QueryParameter(name, type, description));

    /// <summary>A parameter that takes the words of an enum.</summary>
    public static RouteHandlerBuilder Query<T>(this RouteHandlerBuilder route, string name, string description, bool isRequired = false)
        where T : struct, Enum => route.WithMetadata(new QueryParameter(name, QueryType.Text, description, isRequired, Words<T>.All));

    public static RouteHandlerBuilder QueryPeriod(this RouteHandlerBuilder route, string of) => route
        .Query("from", QueryType.Time, $"Of {of}; from this time on.")
        .Query("to", QueryType.Time, $"Of {of}; up to this time, without it.");

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<ApiProblem>(status, ProblemMediaType);
        }

        return route;
    }

    /// <summary>What any call may be answered with.</summary>
    public static RouteGroupBuilder RefusesAnywhere(this RouteGroupBuilder group, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            group.WithMetadata(new ProducesResponseTypeAttribute(typeof(ApiProblem), status, ProblemMediaType));
        }

        return group;
    }
}
