namespace MixGateway.Administration.Api;

internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        api.MapPost("/accounts/{id:guid}/keys", CreateAsync);
        api.MapGet("/accounts/{id:guid}/keys", ListAsync);
        api.MapPatch("/keys/{id:guid}", ChangeAsync);
        api.MapDelete("/keys/{id:guid}", RevokeAsync);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, Guid id, Keys keys, TimeProvider time)
    {
        var (policy, problem) = await ReadAsync(context, isNew: true, time);
        return policy is null ? problem! : Answer.Of(context, await keys.CreateAsync(Actor.AdminToken, id, policy), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext context, Guid id, Keys keys)
    {
        var query = new QueryMembers(context);
        var page = query.Page();
        return query.Errors.Any
            ? Problem.Of(context, Refusal.Invalid(query.Errors))
            : Answer.Of(context, await keys.ListAsync(id, page, context.RequestAborted));
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, Guid id, Keys keys, TimeProvider time)
    {
        var (policy, problem) = await ReadAsync(context, isNew: false, time);
        return policy is null ? problem! : Answer.Of(context, await keys.ChangeAsync(Actor.AdminToken, id, policy));
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, Guid id, Keys keys) =>
        Answer.Of(context, await keys.RevokeAsync(Actor.AdminToken, id));

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
