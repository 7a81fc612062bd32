using System.Globalization;

namespace MixGateway.Administration;

/// <summary>Who makes a change; the audit log keeps the name. What each kind may do is decided by its type, and a kind that a guard does not know may do nothing.</summary>
internal abstract record Actor
{
    /// <summary>Whoever holds <c>Bootstrap:AdminToken</c>.</summary>
    public static readonly Actor AdminToken = new Outsider("admin-token");

    /// <summary>What happens by itself: the first administrator, the account of a new user.</summary>
    public static readonly Actor Gateway = new Almighty("gateway");

    private Actor(string name) => Name = name;

    /// <summary>A user's id, or the name of a token; never a secret.</summary>
    public string Name { get; }

    /// <summary>The user, for what is kept about a change; null if it is none. It gives no right, and neither does its absence.</summary>
    public virtual Guid? UserId => null;

    public static Actor User(Guid id) => new Person(id);

    /// <summary>Whoever holds one of the named tokens.</summary>
    public static Actor OfToken(string name) => new Outsider($"token:{name}");

    /// <summary>A service that tells the gateway something, such as a payment provider.</summary>
    public static Actor OfService(string name) => new Outsider(name);

    /// <summary>A user who is signed in. May do what memberships and the administrator's role allow.</summary>
    public sealed record Person(Guid Id) : Actor(Id.ToString(null, CultureInfo.InvariantCulture))
    {
        /// <inheritdoc/>
        public override Guid? UserId => Id;
    }

    /// <summary>A token or a service. Its scopes or its signature were checked where it came in; a use case of signed-in people refuses it.</summary>
    public sealed record Outsider : Actor
    {
        internal Outsider(string name)
            : base(name)
        {
        }
    }

    /// <summary>The gateway itself: may do everything.</summary>
    public sealed record Almighty : Actor
    {
        internal Almighty(string name)
            : base(name)
        {
        }
    }
}
