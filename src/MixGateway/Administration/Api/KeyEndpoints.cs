namespace MixGateway.Administration.Api;

internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("").WithTags("Keys");
        keys.MapPost("/accounts/{id:guid}/keys", CreateAsync)
            .Describe("createKey", Scopes.Keys, "Create a key", "`key` is shown this once: only its hash is kept.")
            .Takes<NewKeyBody>(
                """{"name":"Production","expiresAt":"2030-01-01T00:00:00Z","models":["openai:*"],"requestsPerMinute":60,"tokensPerMinute":100000,"maxConcurrent":10,"spendLimit":{"amount":"50","period":"month"},"allowedAddresses":["192.0.2.0/24"]}""")
            .Gives<CreatedKey>(StatusCodes.Status201Created).Refuses(404);
        keys.MapGet("/accounts/{id:guid}/keys", ListAsync)
            .Describe("listKeys", Scopes.Keys, "List the keys of an account", "Newest first, revoked ones too.")
            .Query<KeyStatus>("status", "Only keys with this status.")
            .GivesPage<Key>().Refuses(404);
        keys.MapGet("/keys/{id:guid}", GetAsync)
            .Describe("getKey", Scopes.Keys, "Show a key")
            .Gives<Key>().Refuses(404);
        keys.MapPatch("/keys/{id:guid}", ChangeAsync)
            .Describe("changeKey", Scopes.Keys, "Change a key", "What is not there stays; null clears. In effect with the next call, on every replica. A revoked key cannot be changed.")
            .Takes<KeyChangesBody>("""{"name":"Production 2","models":["openai:*","deepseek:*"],"expiresAt":null}""")
            .Gives<Key>().Refuses(404, 409);
        keys.MapDelete("/keys/{id:guid}", RevokeAsync)
            .Describe("revokeKey", Scopes.Keys, "Revoke a key", "For good: refused with the next call, on every replica. Running calls end normally.")
            .Gives<Key>().Refuses(404);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, Guid id, Keys keys, TimeProvider time)
    {
        var (policy, problem) = await ReadAsync(context, isNew: true, time);
        return policy is null ? problem! : Answer.Of(context, await keys.CreateAsync(context.GetActor(), id, policy), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext context, Guid id, Keys keys)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        var status = query.WordOrNone<KeyStatus>("status");
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await keys.ListAsync(id, page, context.RequestAborted, status));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid id, Keys keys) =>
        Answer.Of(context, await keys.GetAsync(id, context.RequestAborted));

    private static async Task<IResult> ChangeAsync(HttpContext context, Guid id, Keys keys, TimeProvider time)
    {
        var (policy, problem) = await ReadAsync(context, isNew: false, time);
        return policy is null ? problem! : Answer.Of(context, await keys.ChangeAsync(context.GetActor(), id, policy));
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, Guid id, Keys keys) =>
        Answer.Of(context, await keys.RevokeAsync(context.GetActor(), id));

    private static async Task<(KeyPolicy? Policy, IResult? Problem)> ReadAsync(HttpContext context, bool isNew, TimeProvider time)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return (null, problem);
        }

        var policy = new KeyPolicy(
            body.Text("name"),
            body.Time("expiresAt"),
            body.Texts("models"),
            body.Limits(),
            body.Texts("allowedAddresses"));
        body.RefuseRest();
        if (!body.Errors.Any)
        {
            return (policy, null);
        }

        policy.Check(body.Errors, isNew, time.Now());
        return (null, Problem.Of(context, Refusal.Invalid(body.Errors)));
    }
}
