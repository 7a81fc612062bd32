using MixGateway.Storage;

namespace MixGateway.Administration.Api;

/// <summary>Takes the members by which keys and accounts name their limits.</summary>
internal static class LimitMembers
{
    public static LimitChanges Limits(this JsonMembers body) => new(
        body.Integer("requestsPerMinute"),
        body.Integer("tokensPerMinute"),
        body.Integer("maxConcurrent"),
        body.Object("spendLimit", ReadSpendLimit));

    private static SpendLimit? ReadSpendLimit(JsonMembers members)
    {
        var amount = members.Amount("amount").Value;
        var period = members.Word<SpendLimitPeriod>("period").Value;
        if (amount is null)
        {
            members.Refuse("amount", "Has to be there.");
        }

        if (period is null)
        {
            members.Refuse("period", Words<SpendLimitPeriod>.Expected);
        }

        return amount is { } most && period is { } each ? new SpendLimit(most, each) : null;
    }
}
