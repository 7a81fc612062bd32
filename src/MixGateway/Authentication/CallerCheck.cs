using System.Net;
using MixGateway.OpenAI;
using MixGateway.Quotas;

namespace MixGateway.Authentication;

/// <summary>
/// Makes sure that a caller is judged by the rules that are in force, wherever they were changed: nobody is refused for what this
/// gateway remembers before the hot store was asked whether that is still so, and what is admitted was checked by what it knows.
/// </summary>
internal sealed class CallerCheck(CallerDirectory callers, KeyCheck keys)
{
    /// <summary>The caller as of now; one round trip to the hot store if nothing changed.</summary>
    public async ValueTask<CallerAnswer> ConfirmAsync(Caller known, IPAddress? address)
    {
        var life = await keys.CheckAsync(known.AccountId, known.KeyId, known.Version);
        if (life.Error is { } error)
        {
            return new CallerAnswer(null, error);
        }

        return life.Version > known.Version.AsOf ? await RenewAsync(known, life.Version, address) : Judge(CallerAnswer.Of(known), address);
    }

    /// <summary>The caller as of a version that the hot store named.</summary>
    public async ValueTask<CallerAnswer> RenewAsync(Caller known, long version, IPAddress? address) =>
        Judge(await callers.RenewAsync(known.Hash, version), address);

    private static CallerAnswer Judge(CallerAnswer answer, IPAddress? address) =>
        answer.Caller is { } caller && !caller.AllowedAddresses.Allows(address)
            ? new CallerAnswer(null, OpenAIErrors.AddressNotAllowed())
            : answer;
}
