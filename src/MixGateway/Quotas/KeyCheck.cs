using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Quotas;

/// <summary>Is a key alive: for requests that cost nothing and so admit nothing. Every replica's changes count from the next request on.</summary>
internal sealed class KeyCheck(AccountStore accounts, AccountInstaller installer)
{
    /// <summary>Null if key and account may be used.</summary>
    public async ValueTask<OpenAIError?> CheckAsync(Guid accountId, Guid keyId)
    {
        var answer = await accounts.InspectAsync(accountId, keyId);
        if ((answer.Answer == CallAnswer.Load || answer.Value is { Key: KeyLife.None }) && await installer.InstallAsync(accountId, [keyId]))
        {
            answer = await accounts.InspectAsync(accountId, keyId);
        }

        return answer.Value switch
        {
            null => OpenAIErrors.ServiceUnavailable("The gateway cannot check the key at the moment. Try again in a moment."),
            { Key: not KeyLife.Active } => OpenAIErrors.InvalidKey(),
            { IsSuspended: true } => OpenAIErrors.AccountSuspended(),
            _ => null,
        };
    }
}
