namespace MixGateway.Forwarding;

/// <summary>
/// The bytes of request bodies that all calls together may hold in memory (<c>Limits:MaxBufferedBytes</c>): one caller's
/// large uploads must not end the process for everybody.
/// </summary>
internal sealed class BufferBudget(long limit)
{
    private long _used;

    /// <summary>Bytes held now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes <paramref name="bytes"/>; false, and nothing taken, if they do not fit.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}
