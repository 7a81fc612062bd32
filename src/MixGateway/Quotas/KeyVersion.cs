namespace MixGateway.Quotas;

/// <summary>
/// Which state of a key a gateway goes by, in versions of the key's account. With it the hot store can tell a gateway that checked
/// a call against rules that were changed since, and notices that it missed a change itself.
/// </summary>
/// <param name="Changed">The version of the key's last change.</param>
/// <param name="AsOf">The version as of which that was the last.</param>
internal readonly record struct KeyVersion(long Changed, long AsOf)
{
    /// <summary>Whatever is known of the key will do.</summary>
    public static readonly KeyVersion Any = new(0, long.MaxValue);
}
