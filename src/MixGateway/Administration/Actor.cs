using System.Globalization;

namespace MixGateway.Administration;

/// <summary>Who makes a change; the audit log keeps it.</summary>
/// <param name="Name">A user's id, or the name of a token; never a secret.</param>
/// <param name="UserId">The user who is signed in; null for tokens and for the gateway itself, which may do everything.</param>
internal sealed record Actor(string Name, Guid? UserId = null)
{
    /// <summary>Whoever holds <c>Bootstrap:AdminToken</c>.</summary>
    public static readonly Actor AdminToken = new("admin-token");

    /// <summary>What happens by itself: the first administrator, the account of a new user.</summary>
    public static readonly Actor Gateway = new("gateway");

    public static Actor User(Guid id) => new(id.ToString(null, CultureInfo.InvariantCulture), id);

    /// <summary>Whoever holds one of the named tokens.</summary>
    public static Actor OfToken(string name) => new($"token:{name}");
}
