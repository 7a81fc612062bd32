using Microsoft.AspNetCore.Identity;

namespace MixGateway.Storage;

/// <summary>A person who signs in to the console. The id is a UUIDv7, so that users sort by when they came.</summary>
internal sealed class UserRow : IdentityUser<Guid>
{
    /// <summary>May do everything, on every account.</summary>
    public bool IsAdministrator { get; set; }

    /// <summary>A culture such as <c>zh-CN</c>; null follows the browser.</summary>
    public string? Language { get; set; }

    /// <summary><c>light</c> or <c>dark</c>; null follows the system.</summary>
    public string? Theme { get; set; }

    /// <summary>UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>UTC; null until the first time.</summary>
    public DateTime? LastSignInAt { get; set; }

    /// <summary>UTC; from then on the user cannot sign in, until an administrator lifts it. Apart from the lockout, which ends by itself.</summary>
    public DateTime? SuspendedAt { get; set; }
}
