using MixGateway.Administration;
using MixGateway.Administration.Api;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Payments;

/// <summary>Payments in the management API.</summary>
internal static class PaymentEndpoints
{
    public static void MapPaymentEndpoints(this IEndpointRouteBuilder api)
    {
        var payments = api.MapGroup("").WithTags("Payments");
        payments.MapPost("/accounts/{id:guid}/payments", StartAsync)
            .Describe(
                "startPayment", Scopes.Credits, "Begin a payment",
                "The payer's browser has to go to `url`. The account is credited when the provider's signed notification says that the money is there.")
            .Takes<PaymentBody>("""{"provider":"stripe","amount":"25"}""")
            .Gives<CheckoutStart>(StatusCodes.Status201Created).Refuses(404, 409);
        payments.MapGet("/accounts/{id:guid}/payments", ListAsync)
            .Describe("listPayments", Scopes.AccountsRead, "List an account's payments", "Newest first.")
            .GivesPage<Payment>().Refuses(404);
        payments.MapGet("/payments/{id:guid}", GetAsync)
            .Describe("getPayment", Scopes.AccountsRead, "Show a payment")
            .Gives<Payment>().Refuses(404);
        payments.MapPost("/payments/{id:guid}/refunds", RefundAsync)
            .Describe(
                "noteRefund", Scopes.Credits, "Note a refund that was made at EPay",
                "EPay does not report refunds. The account's balance falls by the refunded part, below zero if it has to. Stripe's refunds book themselves.")
            .Takes<RefundBody>("""{"idempotencyKey":"refund-17","amount":"18"}""")
            .Gives<Payment>().Refuses(404, 409);
    }

    private static async Task<IResult> StartAsync(HttpContext context, Guid id, Checkout checkout)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return problem!;
        }

        var request = new CheckoutRequest(null, body.Word<PaymentProvider>("provider").Value, body.Amount("amount").Value, body.Text("method").Value);
        body.RefuseRest();
        return body.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(body.Errors))
            : Answer.Of(context, await checkout.StartAsync(context.GetActor(), id, request, context.RequestAborted), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext context, Guid id, PaymentBooks books)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await books.ListAsync(id, page, context.RequestAborted));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid id, PaymentBooks books) =>
        Answer.Of(context, await books.GetAsync(id, context.RequestAborted));

    private static async Task<IResult> RefundAsync(HttpContext context, Guid id, PaymentRefunds refunds)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return problem!;
        }

        var refund = new ManualRefund(body.Amount("amount").Value, body.Text("idempotencyKey").Value);
        body.RefuseRest();
        return body.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(body.Errors))
            : Answer.Of(context, await refunds.NoteAsync(context.GetActor(), id, refund, context.RequestAborted));
    }
}

/// <summary>A payment to begin.</summary>
/// <param name="Amount">What the account is credited with, in the billing currency.</param>
/// <param name="Method">Of EPay alone: the way to pay; the first one that is offered if it is not there.</param>
internal sealed record PaymentBody(PaymentProvider Provider, Money Amount, string? Method = null);

/// <summary>A refund that was made at the provider.</summary>
/// <param name="IdempotencyKey">The same key notes the same refund, however often it is sent.</param>
/// <param name="Amount">In the currency that was paid; everything if it is not there.</param>
internal sealed record RefundBody(string IdempotencyKey, Money? Amount = null);
