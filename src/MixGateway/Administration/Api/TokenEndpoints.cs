namespace MixGateway.Administration.Api;

internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Tokens");
        tokens.MapPost("", CreateAsync)
            .Describe(
                "createToken", Scopes.Tokens, "Create a token of this API",
                "`token` is shown this once: only its hash is kept. It can be given only scopes that its maker has, and cannot outlive its maker.")
            .Takes<NewTokenBody>("""{"name":"billing export","scopes":["accounts:read","usage:read"],"expiresAt":"2030-01-01T00:00:00Z"}""")
            .Gives<CreatedAdminToken>(StatusCodes.Status201Created).Refuses(409);
        tokens.MapGet("", ListAsync)
            .Describe("listTokens", Scopes.Tokens, "List tokens", "Newest first, revoked ones too; without the token of the configuration.")
            .GivesPage<AdminToken>();
        tokens.MapGet("/{id:guid}", GetAsync)
            .Describe("getToken", Scopes.Tokens, "Show a token")
            .Gives<AdminToken>().Refuses(404);
        tokens.MapPatch("/{id:guid}", ChangeAsync)
            .Describe("changeToken", Scopes.Tokens, "Change a token", "Absent members stay unchanged. Takes effect on the next call, on every replica. A later end needs every scope that the token has.")
            .Takes<TokenChangesBody>("""{"name":"usage export","scopes":["usage:read"],"expiresAt":null}""")
            .Gives<AdminToken>().Refuses(404, 409);
        tokens.MapDelete("/{id:guid}", RevokeAsync)
            .Describe("revokeToken", Scopes.Tokens, "Revoke a token", "For good: refused with the next call, on every replica.")
            .Gives<AdminToken>().Refuses(404);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, AdminTokens tokens, TimeProvider time)
    {
        var (policy, problem) = await ReadAsync(context, isNew: true, time);
        if (policy is null)
        {
            return problem!;
        }

        var outcome = await tokens.CreateAsync(context.GetAdministrator(), policy);
        if (outcome.Value is { } token)
        {
            context.Response.Headers.Location = $"{ApiPaths.Root}/tokens/{token.Id}";
        }

        return Answer.Of(context, outcome, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext context, AdminTokens tokens)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await tokens.ListAsync(page, context.RequestAborted));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid id, AdminTokens tokens) =>
        Answer.Of(context, await tokens.GetAsync(id, context.RequestAborted));

    private static async Task<IResult> ChangeAsync(HttpContext context, Guid id, AdminTokens tokens, TimeProvider time)
    {
        var (policy, problem) = await ReadAsync(context, isNew: false, time);
        return policy is null ? problem! : Answer.Of(context, await tokens.ChangeAsync(context.GetAdministrator(), id, policy));
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, Guid id, AdminTokens tokens) =>
        Answer.Of(context, await tokens.RevokeAsync(context.GetAdministrator(), id));

    private static async Task<(AdminTokenChanges? Policy, IResult? Problem)> ReadAsync(HttpContext context, bool isNew, TimeProvider time)
    {
        var (body, problem) = await JsonBody.ReadAsync(context);
        if (body is null)
        {
            return (null, problem);
        }

        var policy = new AdminTokenChanges(body.Text("name"), body.Texts("scopes"), body.Time("expiresAt"));
        body.RefuseRest();
        if (!body.Errors.Any)
        {
            return (policy, null);
        }

        policy.Check(body.Errors, isNew, time.Now());
        return (null, Problem.Of(context, Refusal.Invalid(body.Errors)));
    }
}
