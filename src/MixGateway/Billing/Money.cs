namespace MixGateway.Billing;

/// <summary>An amount of the billing currency as an integer count of nano-units (10⁻⁹).</summary>
internal readonly record struct Money(long Nanos) : IComparable<Money>
{
    public static readonly Money Zero;

    /// <inheritdoc/>
    public int CompareTo(Money other) => Nanos.CompareTo(other.Nanos);
}
