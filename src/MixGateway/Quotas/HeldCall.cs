namespace MixGateway.Quotas;

/// <summary>An admitted call in the hands of its owner.</summary>
internal sealed class HeldCall(CallTicket ticket)
{
    private volatile bool _databaseOnly;

    public CallTicket Ticket => ticket;

    /// <summary>The hot store lost the call once: from then on only the database may confirm its end.</summary>
    public bool DatabaseOnly
    {
        get => _databaseOnly;
        set => _databaseOnly = value;
    }
}
