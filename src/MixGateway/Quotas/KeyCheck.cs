using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Quotas;

/// <summary>The answer: an error, or as of which version of the account the hot store knows the key.</summary>
internal readonly record struct KeyLifeAnswer(OpenAIError? Error, long Version);

/// <summary>Is a key alive: for requests that admit nothing. Every replica's changes count from the next request on.</summary>
internal sealed class KeyCheck(AccountStore accounts, AccountInstaller installer)
{
    /// <param name="known">What the asker knows of the key; if the hot store missed that, it is told first.</param>
    public async ValueTask<KeyLifeAnswer> CheckAsync(Guid accountId, Guid keyId, KeyVersion known)
    {
        var answer = await accounts.InspectAsync(accountId, keyId);
        if ((answer.Answer == CallAnswer.Load || answer.Value is { } view && view.KeyVersion < known.Changed) && await installer.InstallAsync(accountId, [keyId]))
        {
            answer = await accounts.InspectAsync(accountId, keyId);
        }

        return answer.Value switch
        {
            null => new(OpenAIErrors.ServiceUnavailable("The gateway cannot check the key at the moment. Try again in a moment."), 0),
            { Key: not KeyLife.Active } => new(OpenAIErrors.InvalidKey(), 0),
            { IsSuspended: true } => new(OpenAIErrors.AccountSuspended(), 0),
            var alive => new(null, alive.KeyVersion),
        };
    }
}
