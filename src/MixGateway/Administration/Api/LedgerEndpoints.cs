namespace MixGateway.Administration.Api;

internal static class LedgerEndpoints
{
    public static void MapLedger(this IEndpointRouteBuilder api)
    {
        api.MapPost("/accounts/{id:guid}/credits", CreditAsync);
        api.MapGet("/accounts/{id:guid}/ledger", ListAsync);
    }

    private static async Task<IResult> CreditAsync(HttpContext context, Guid id, Ledger ledger)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return problem!;
        }

        var credit = new Credit(body.Amount("amount").Value, body.Text("note").Value, body.Text("idempotencyKey").Value, body.Flag("force").Value ?? false);
        body.RefuseRest();
        if (body.Errors.Any)
        {
            credit.Check(body.Errors);
            return Problem.Of(context, Refusal.Invalid(body.Errors));
        }

        var outcome = await ledger.CreditAsync(Actor.AdminToken, id, credit);
        return outcome.IsRefused(out var refusal, out var booked)
            ? Problem.Of(context, refusal)
            : Answer.Json(booked.Entry, booked.IsReplay ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext context, Guid id, Ledger ledger)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await ledger.ListAsync(id, page, context.RequestAborted));
    }
}
