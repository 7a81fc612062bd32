namespace MixGateway.Administration.Api;

internal static class RedemptionEndpoints
{
    public static void MapRedemptions(this IEndpointRouteBuilder api)
    {
        var codes = api.MapGroup("/redemption-codes").WithTags("Redemption codes");
        codes.MapPost("", CreateAsync)
            .Describe("createRedemptionCodes", Scopes.Codes, "Make redemption codes", "`code` is shown this once: only its hash is kept. Each can be redeemed once.")
            .Takes<NewRedemptionCodesBody>("""{"amount":"10","count":3,"batch":"spring-2026","note":"For the meetup","expiresAt":"2030-01-01T00:00:00Z"}""")
            .Gives<RedemptionBatch>(StatusCodes.Status201Created);
        codes.MapGet("", ListAsync)
            .Describe("listRedemptionCodes", Scopes.Codes, "List redemption codes", "Newest first, without the codes.")
            .Query("batch", QueryType.Text, "Only codes of this batch.")
            .Query<RedemptionCodeStatus>("status", "Only codes with this status.")
            .Query("accountId", QueryType.Id, "Only codes that this account redeemed.")
            .GivesPage<RedemptionCode>();
        codes.MapGet("/{id:guid}", GetAsync)
            .Describe("getRedemptionCode", Scopes.Codes, "Show a redemption code")
            .Gives<RedemptionCode>().Refuses(404);
        codes.MapDelete("/{id:guid}", RevokeAsync)
            .Describe("revokeRedemptionCode", Scopes.Codes, "Revoke a redemption code", "For good. A code that is redeemed cannot be revoked.")
            .Gives<RedemptionCode>().Refuses(404, 409);
        codes.MapPost("/revoke", RevokeBatchAsync)
            .Describe("revokeRedemptionBatch", Scopes.Codes, "Revoke what is left of a batch", "What is redeemed already stays so.")
            .Takes<RevokeBatchBody>("""{"batch":"spring-2026"}""")
            .Gives<RevokedBatch>().Refuses(404);
        api.MapPost("/accounts/{id:guid}/redemptions", RedeemAsync)
            .WithTags("Money")
            .Describe(
                "redeemCode", Scopes.Credits, "Redeem a code for an account",
                "A code works once. The same account may send it again: 200 with the first entry. "
                + "After ten refused codes in a quarter of an hour the account has to wait: 429.")
            .Takes<RedeemBody>("""{"code":"7GK2M-4TQ9X-B0ZRC-W5HNE-J8D3P"}""")
            .Gives<LedgerEntry>(StatusCodes.Status201Created).Gives<LedgerEntry>().Refuses(404, 409, 429);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, RedemptionCodes codes, TimeProvider time)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return problem!;
        }

        var asked = new NewRedemptionCodes(
            body.Amount("amount").Value, body.Integer("count").Value, body.Text("batch").Value, body.Text("note").Value, body.Time("expiresAt").Value);
        body.RefuseRest();
        if (body.Errors.Any)
        {
            asked.Check(body.Errors, time.Now());
            return Problem.Of(context, Refusal.Invalid(body.Errors));
        }

        return Answer.Of(context, await codes.CreateAsync(context.GetActor(), asked), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext context, RedemptionCodes codes)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var filter = new RedemptionCodeFilter(query.Text("batch"), query.WordOrNone<RedemptionCodeStatus>("status"), query.Id("accountId"));
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await codes.ListAsync(filter, page, context.RequestAborted));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid id, RedemptionCodes codes) =>
        Answer.Of(context, await codes.GetAsync(id, context.RequestAborted));

    private static async Task<IResult> RevokeAsync(HttpContext context, Guid id, RedemptionCodes codes) =>
        Answer.Of(context, await codes.RevokeAsync(context.GetActor(), id));

    private static async Task<IResult> RevokeBatchAsync(HttpContext context, RedemptionCodes codes)
    {
        var (text, problem) = await ReadTextAsync(context, "batch");
        return problem ?? Answer.Of(context, await codes.RevokeBatchAsync(context.GetActor(), text));
    }

    private static async Task<IResult> RedeemAsync(HttpContext context, Guid id, Redemptions redemptions)
    {
        var (text, problem) = await ReadTextAsync(context, "code");
        if (problem is not null)
        {
            return problem;
        }

        var outcome = await redemptions.RedeemAsync(context.GetActor(), id, text);
        return outcome.IsRefused(out var refusal, out var redemption)
            ? Problem.Of(context, refusal)
            : Answer.Json(redemption.Entry, redemption.IsReplay ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    /// <summary>A body with one text in it.</summary>
    private static async Task<(string? Text, IResult? Problem)> ReadTextAsync(HttpContext context, string name)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return (null, problem);
        }

        var text = body.Text(name).Value;
        body.RefuseRest();
        return body.Errors.Any ? (null, Problem.Of(context, Refusal.Invalid(body.Errors))) : (text, null);
    }
}
