namespace MixGateway.Administration;

/// <summary>Who makes a change; the audit log keeps it.</summary>
/// <param name="Name">A user's id, or the name of a token; never a secret.</param>
internal sealed record Actor(string Name)
{
    /// <summary>Whoever holds <c>Bootstrap:AdminToken</c>.</summary>
    public static readonly Actor AdminToken = new("admin-token");
}
