namespace MixGateway.Benchmarks.Load;

/// <summary>A server under load.</summary>
/// <param name="Provider">What its models' names begin with.</param>
/// <param name="Key">What callers authenticate with.</param>
internal sealed record Target(string Name, RoleProcess Process, string Provider, string Key)
{
    public Uri Address => Process.Address;
}
