using MixGateway.Storage;

namespace MixGateway.Administration.Api;

internal static class LedgerEndpoints
{
    public static void MapLedger(this IEndpointRouteBuilder api)
    {
        var ledger = api.MapGroup("/accounts/{id:guid}").WithTags("Money");
        ledger.MapPost("/credits", CreditAsync)
            .Describe(
                "creditAccount", Scopes.Credits, "Put money into an account, or correct it",
                "A negative amount takes money out; what running calls hold stays, unless `force` is true. "
                + "With an `idempotencyKey` the same request may be sent again: 200 with the first entry; with another body 409.")
            .Takes<CreditBody>("""{"amount":"25","note":"Invoice 2026-114","idempotencyKey":"invoice-2026-114"}""")
            .Gives<LedgerEntry>(StatusCodes.Status201Created).Gives<LedgerEntry>().Refuses(404, 409);
        ledger.MapGet("/ledger", ListAsync)
            .Describe("listLedger", Scopes.AccountsRead, "List what changed an account's balance", "Newest first. The sum of all amounts is the balance. A `carried` entry is the sum of calls whose own entries are no longer kept.")
            .Query<LedgerKind>("kind", "Only entries of this kind.")
            .QueryPeriod("the entry")
            .GivesPage<LedgerEntry>().Refuses(404);
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

        var outcome = await ledger.CreditAsync(context.GetActor(), id, credit);
        return outcome.IsRefused(out var refusal, out var booked)
            ? Problem.Of(context, refusal)
            : Answer.Json(booked.Entry, booked.IsReplay ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext context, Guid id, Ledger ledger)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var filter = new LedgerFilter(query.WordOrNone<LedgerKind>("kind"), query.Period());
        if (query.Errors.Any)
        {
            filter.Period.Check(query.Errors);
            return Problem.Of(context, Refusal.Invalid(query.Errors));
        }

        return Answer.Of(context, await ledger.ListAsync(id, page, context.RequestAborted, filter));
    }
}
