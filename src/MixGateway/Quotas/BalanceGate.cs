using MixGateway.Authentication;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Quotas;

/// <summary>May the call run: the books have to take records, and the account has to have something left.</summary>
internal sealed class BalanceGate(IBooks books)
{
    /// <summary>Null if the call may run.</summary>
    public OpenAIError? Admit(Caller caller)
    {
        if (!books.AcceptsCalls)
        {
            return OpenAIErrors.ServiceUnavailable("The gateway cannot record calls at the moment. Try again in a moment.");
        }

        return caller.Account.Balance > 0
            ? null
            : OpenAIErrors.InsufficientQuota("The account's balance is used up. Add credit, then try again.");
    }
}
