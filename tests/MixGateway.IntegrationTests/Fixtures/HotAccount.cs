using Microsoft.Extensions.DependencyInjection;
using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>An account as the hot store of a gateway has it, asked as that gateway asks.</summary>
internal static class HotAccount
{
    public static Money Units(long units) => new(units * Money.NanosPerUnit);

    /// <summary>What the store knows of an account and its key.</summary>
    public static async Task<AccountView> InspectAsync(this TestGateway gateway, TestAccount account)
    {
        var answer = await gateway.Services.GetRequiredService<AccountStore>().InspectAsync(account.Id, account.KeyId);
        answer.Answer.Should().Be(CallAnswer.Ok);
        return answer.Value!;
    }

    /// <summary>Asks for a call that holds so many units.</summary>
    public static ValueTask<Admission> AdmitAsync(this TestGateway gateway, TestAccount account, Money hold) =>
        gateway.Services.GetRequiredService<CallStore>().AdmitAsync(new AdmissionRequest(
            Guid.CreateVersion7(), account.Id, account.KeyId, hold, 0, gateway.Services.GetRequiredService<BillingCalendar>().Current, default, KeyVersion.Any));

    /// <summary>Asks for a call that is to be admitted.</summary>
    public static async Task<CallTicket> HoldAsync(this TestGateway gateway, TestAccount account, Money hold)
    {
        var admission = await gateway.AdmitAsync(account, hold);
        admission.Status.Should().Be(AdmissionStatus.Held, "{0}", admission.Refusal);
        return admission.Ticket!;
    }
}
