using MixGateway.Storage;

namespace MixGateway.Administration.Api;

internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/accounts").WithTags("Accounts");
        accounts.MapPost("", CreateAsync)
            .Describe("createAccount", Scopes.AccountsWrite, "Create an account", "It has no money and no keys yet.")
            .Takes<NewAccountBody>("""{"name":"Acme","requestsPerMinute":600,"spendLimit":{"amount":"100","period":"month"}}""")
            .Gives<Account>(StatusCodes.Status201Created);
        accounts.MapGet("", ListAsync)
            .Describe("listAccounts", Scopes.AccountsRead, "List accounts", "Newest first.")
            .Query<AccountStatus>("status", "Only accounts with this status.")
            .Query("name", QueryType.Text, "Only accounts whose name holds this text, small letters or capitals.")
            .GivesPage<Account>();
        accounts.MapGet("/{id:guid}", GetAsync)
            .Describe("getAccount", Scopes.AccountsRead, "Show an account", "The balance holds every call within two seconds of its end.")
            .Gives<Account>().Refuses(404);
        accounts.MapPatch("/{id:guid}", ChangeAsync)
            .Describe(
                "changeAccount", Scopes.AccountsWrite, "Rename, limit, suspend an account",
                "What is not there stays; null clears a limit. Keys of a suspended account are refused with the next call, and its running calls end.")
            .Takes<AccountChangesBody>("""{"status":"suspended","requestsPerMinute":null}""")
            .Gives<Account>().Refuses(404);
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

        var outcome = await accounts.CreateAsync(context.GetActor(), name.Value, limits);
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
        var filter = new AccountFilter(query.WordOrNone<AccountStatus>("status"), query.Text("name"));
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await accounts.ListAsync(filter, page, context.RequestAborted));
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

        return Answer.Of(context, await accounts.ChangeAsync(context.GetActor(), id, changes));
    }
}
