using System.Collections.Concurrent;
using MixGateway.Catalog;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>
/// Remembers for a minute which models a provider says it does not know. Under a wildcard callers make names up, and each of them costs
/// a hold, a request to the provider and a record. A name that was just refused, and any new name of a key that has asked for too many
/// such names, is refused before all that.
/// </summary>
internal sealed class UnknownModels(TimeProvider time)
{
    /// <summary>How long the provider's word counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    /// <summary>Different unknown names per key and <see cref="Memory"/>; then new names are refused unasked.</summary>
    public const int MaxPerKey = 20;

    /// <summary>Entries of each kind at most, about 5 MB when full. Beyond them nothing new is remembered until others are too old.</summary>
    public const int Capacity = 10_000;

    private readonly ConcurrentDictionary<Name, long> _unknown = new();
    private readonly ConcurrentDictionary<Guid, Window> _keys = new();
    private readonly ConcurrentDictionary<string, byte> _answered = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();
    private int _answeredCount;

    /// <summary>The dictionary's own answer takes locks, and nearly always nothing is remembered.</summary>
    private volatile bool _remembersAny;

    /// <summary>The refusal of a call whose models are all known to be unknown; null if it may go on.</summary>
    public OpenAIError? Check(Call call)
    {
        if (!_remembersAny)
        {
            return null;
        }

        foreach (var candidate in call.Plan!.Candidates)
        {
            if (candidate.Model.Id != Model.Wildcard || _answered.ContainsKey(candidate.CanonicalName))
            {
                return null;
            }
        }

        return Judge(call);
    }

    /// <summary>Takes note of how a call ended.</summary>
    public void Note(Call call, CallOutcome outcome)
    {
        if (call.Target.Model.Id != Model.Wildcard)
        {
            return;
        }

        if (outcome.Error is not { } error)
        {
            if (outcome.Status == Usage.CallStatus.Completed)
            {
                Answered(call.Target.CanonicalName);
            }

            return;
        }

        var verdict = outcome.IsProvidersFault ? UnknownModelVerdict.No : UnknownModelVerdicts.Of(error, call.Target.ModelId, call.Target.CanonicalName);
        if (verdict == UnknownModelVerdict.No)
        {
            return;
        }

        Sweep();
        _remembersAny = true;
        if (_unknown.Count < Capacity && _unknown.TryAdd(NameOf(call, call.Target, verdict == UnknownModelVerdict.ByItsWords), time.GetTimestamp()))
        {
            Count(call.Caller.KeyId);
        }
    }

    private void Answered(string model)
    {
        if (!_answered.ContainsKey(model) && Volatile.Read(ref _answeredCount) < Capacity && _answered.TryAdd(model, 0))
        {
            Interlocked.Increment(ref _answeredCount);
        }
    }

    private OpenAIError? Judge(Call call)
    {
        var model = call.Envelope.Model;
        var all = true;
        foreach (var candidate in call.Plan!.Candidates)
        {
            all &= IsFresh(NameOf(call, candidate, ofAccount: false)) || IsFresh(NameOf(call, candidate, ofAccount: true));
        }

        if (all)
        {
            return OpenAIErrors.ModelUnknown(model, "Its provider answered within the last minute that it does not know this model. Check the name; GET /v1/models lists the configured ones.");
        }

        return _keys.TryGetValue(call.Caller.KeyId, out var window) && window.IsFull(time)
            ? OpenAIErrors.ModelUnknown(model, $"This API key has asked for {MaxPerKey} models within a minute that their providers do not know. New names are refused for up to a minute.")
            : null;
    }

    /// <summary>A catalog that was edited is another one: what was said of the old one no longer counts.</summary>
    private static Name NameOf(Call call, ResolvedModel model, bool ofAccount) =>
        new(call.Catalog.Revision, model.CanonicalName, call.Operation, ofAccount ? call.Caller.AccountId : Guid.Empty);

    private bool IsFresh(Name name) => _unknown.TryGetValue(name, out var since) && time.GetElapsedTime(since) < Memory;

    private void Count(Guid keyId)
    {
        if (_keys.Count < Capacity || _keys.ContainsKey(keyId))
        {
            _keys.GetOrAdd(keyId, static _ => new Window()).Add(time);
        }
    }

    /// <summary>Once per second at most, however many callers make names up.</summary>
    private void Sweep()
    {
        var swept = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(swept) < TimeSpan.FromSeconds(1) || Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (name, since) in _unknown)
        {
            if (time.GetElapsedTime(since) >= Memory)
            {
                _unknown.TryRemove(name, out _);
            }
        }

        foreach (var (key, window) in _keys)
        {
            if (window.IsOver(time))
            {
                _keys.TryRemove(key, out _);
            }
        }
    }

    private readonly record struct Name(long Revision, string Model, ApiOperation Operation, Guid AccountId);

    /// <summary>The unknown names of one key since the first of them.</summary>
    private sealed class Window
    {
        private readonly Lock _lock = new();
        private long _since;
        private int _count;

        public void Add(TimeProvider time)
        {
            lock (_lock)
            {
                if (_count == 0 || time.GetElapsedTime(_since) >= Memory)
                {
                    (_since, _count) = (time.GetTimestamp(), 0);
                }

                _count++;
            }
        }

        public bool IsFull(TimeProvider time)
        {
            lock (_lock)
            {
                return _count >= MaxPerKey && time.GetElapsedTime(_since) < Memory;
            }
        }

        public bool IsOver(TimeProvider time)
        {
            lock (_lock)
            {
                return time.GetElapsedTime(_since) >= Memory;
            }
        }
    }
}
