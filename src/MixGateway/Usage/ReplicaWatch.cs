using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>Tells living replicas from dead ones by what this process has seen of them, so that no two clocks have to agree.</summary>
internal sealed class ReplicaWatch(TimeSpan lease, TimeProvider time)
{
    /// <summary>
    /// After the first sign a replica may still name a store as it was before this process looked: the second was certainly given later.
    /// </summary>
    private const int SignsOfLife = 2;

    private readonly Dictionary<Guid, Seen> _seen = [];

    /// <summary>True if no sign came for a lease while this process watched.</summary>
    public bool IsDead(ReplicaRow replica)
    {
        var now = time.GetTimestamp();
        if (!_seen.TryGetValue(replica.Id, out var seen))
        {
            _seen.Add(replica.Id, new Seen(replica.Beats, 0, now));
            return false;
        }

        if (seen.Beats != replica.Beats)
        {
            _seen[replica.Id] = new Seen(replica.Beats, seen.Signs + 1, now);
            return false;
        }

        return time.GetElapsedTime(seen.At, now) >= lease;
    }

    /// <summary>True if it gave signs of life while this process watched, enough to be sure of which store it names.</summary>
    public bool Lives(ReplicaRow replica) => _seen.TryGetValue(replica.Id, out var seen) && seen.Signs >= SignsOfLife;

    private readonly record struct Seen(long Beats, int Signs, long At);
}
