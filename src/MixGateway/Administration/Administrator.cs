namespace MixGateway.Administration;

/// <summary>Whoever administers, with what they may do.</summary>
/// <param name="ExpiresAt">UTC; when what they showed stops working. Null if it does not.</param>
internal sealed record Administrator(Actor Actor, IReadOnlyCollection<string> Scopes, DateTime? ExpiresAt = null)
{
    /// <summary>Whoever holds <c>Bootstrap:AdminToken</c>: may do everything, for good.</summary>
    public static readonly Administrator Bootstrap = new(Actor.AdminToken, Administration.Scopes.All);

    public bool May(string scope) => Scopes.Contains(scope);
}
