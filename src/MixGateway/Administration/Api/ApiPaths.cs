namespace MixGateway.Administration.Api;

internal static class ApiPaths
{
    /// <summary>Everything below needs the administrator's token and answers errors as problem details.</summary>
    public const string Root = "/api/v1";
}
