using MixGateway.Storage;

namespace MixGateway.Administration.Api;

internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        api.MapPost("/accounts", CreateAsync);
        api.MapGet("/accounts", ListAsync);
        api.MapGet("/accounts/{id:guid}", GetAsync);
        api.MapPatch("/accounts/{id:guid}", ChangeAsync);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, Accounts accounts)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return problem!;
        }

        var name = body.Text("name");
        var limits = body.Limits();
        body.RefuseRest();
        if (body.Errors.Any)
        {
            body.Errors.CheckLine("name", name.Value, TextRules.MaxNameLength);
            limits.Check(body.Errors);
            return Problem.Of(context, Refusal.Invalid(body.Errors));
        }

        var outcome = await accounts.CreateAsync(Actor.AdminToken, name.Value, limits);
        if (outcome.Value is { } account)
        {
            context.Response.Headers.Location = $"{ApiPaths.Root}/accounts/{account.Id}";
        }

        return Answer.Of(context, outcome, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext context, Accounts accounts)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await accounts.ListAsync(page, context.RequestAborted));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid id, Accounts accounts) =>
        Answer.Of(context, await accounts.GetAsync(id, context.RequestAborted));

    private static async Task<IResult> ChangeAsync(HttpContext context, Guid id, Accounts accounts)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return problem!;
        }

        var changes = new AccountChanges(body.Text("name"), body.Word<AccountStatus>("status"), body.Limits());
        body.RefuseRest();
        if (body.Errors.Any)
        {
            changes.Check(body.Errors);
            return Problem.Of(context, Refusal.Invalid(body.Errors));
        }

        return Answer.Of(context, await accounts.ChangeAsync(Actor.AdminToken, id, changes));
    }
}
