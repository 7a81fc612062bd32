using MixGateway.Administration;
using MixGateway.Administration.Api;
using MixGateway.Storage;

namespace MixGateway.Payments;

/// <summary>Payments in the management API.</summary>
internal static class PaymentEndpoints
{
    public static void MapPaymentEndpoints(this IEndpointRouteBuilder api)
    {
        api.MapPost("/accounts/{id:guid}/payments", StartAsync);
        api.MapGet("/accounts/{id:guid}/payments", ListAsync);
        api.MapGet("/payments/{id:guid}", GetAsync);
        api.MapPost("/payments/{id:guid}/refunds", RefundAsync);
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
            : Answer.Of(context, await checkout.StartAsync(Actor.AdminToken, id, request, context.RequestAborted), StatusCodes.Status201Created);
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
            : Answer.Of(context, await refunds.NoteAsync(Actor.AdminToken, id, refund, context.RequestAborted));
    }
}
