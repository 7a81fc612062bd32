using Microsoft.AspNetCore.Antiforgery;
using MixGateway.Administration;
using MixGateway.Administration.SelfService;
using MixGateway.Administration.Users;
using MixGateway.Console.Ui;

namespace MixGateway.Console.Account;

/// <summary>What the playground's script asks for: a key that lives for an hour, and what a call cost.</summary>
internal static class PlaygroundEndpoints
{
    public const string Key = ConsolePaths.Root + "/playground/key";
    public const string Call = ConsolePaths.Root + "/playground/calls";

    private static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(1);

    public static void MapPlayground(this IEndpointRouteBuilder app)
    {
        app.MapPost(Key, CreateKeyAsync).RequireAuthorization();
        app.MapGet(Call + "/{id:guid}", FindCallAsync).RequireAuthorization();
    }

    private static async Task<IResult> CreateKeyAsync(HttpContext context, IAntiforgery antiforgery, AccountKeys keys, TimeProvider time)
    {
        if (!await antiforgery.IsRequestValidAsync(context) || !SignedInUser.TryRead(context.User, out var me) || me.Account is null)
        {
            return TypedResults.BadRequest();
        }

        var outcome = await keys.CreateAsync(me.Actor, me.Account.Id, new KeyPolicy("Playground", time.GetUtcNow().UtcDateTime + KeyLifetime));
        return outcome.IsRefused(out _, out var created) ? TypedResults.Forbid() : TypedResults.Ok(new { key = created.Secret, seconds = KeyLifetime.TotalSeconds });
    }

    /// <summary>Nothing until the call is booked, which takes a second or two.</summary>
    private static async Task<IResult> FindCallAsync(HttpContext context, Guid id, AccountUsage usage)
    {
        if (!SignedInUser.TryRead(context.User, out var me) || me.Account is null)
        {
            return TypedResults.NoContent();
        }

        var outcome = await usage.GetAsync(me.Actor, me.Account.Id, id, context.RequestAborted);
        return outcome.IsRefused(out _, out var entry)
            ? TypedResults.NoContent()
            : TypedResults.Ok(new
            {
                cost = Amounts.Exact(entry.Cost, entry.Currency),
                promptTokens = entry.PromptTokens,
                completionTokens = entry.CompletionTokens,
            });
    }
}
