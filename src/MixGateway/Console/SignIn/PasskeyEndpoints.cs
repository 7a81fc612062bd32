using Microsoft.AspNetCore.Antiforgery;
using MixGateway.Administration.Users;

namespace MixGateway.Console.SignIn;

/// <summary>What the script of the pages with passkeys asks for: a challenge to put before the browser. The answer comes back with the page's form.</summary>
internal static class PasskeyEndpoints
{
    public const string SignIn = ConsolePaths.Root + "/passkeys/sign-in";
    public const string Add = ConsolePaths.Root + "/passkeys/add";

    public static void MapPasskeys(this IEndpointRouteBuilder app)
    {
        app.MapPost(SignIn, StartSignInAsync).AllowAnonymous();
        app.MapPost(Add, StartAddingAsync).RequireAuthorization();
    }

    private static async Task<IResult> StartSignInAsync(HttpContext context, IAntiforgery antiforgery, Passkeys passkeys) =>
        await antiforgery.IsRequestValidAsync(context) ? TypedResults.Ok(await passkeys.StartSignInAsync()) : TypedResults.BadRequest();

    private static async Task<IResult> StartAddingAsync(HttpContext context, IAntiforgery antiforgery, Passkeys passkeys) =>
        await antiforgery.IsRequestValidAsync(context) && SignedInUser.TryRead(context.User, out var me) && me.IsConfirmed ? TypedResults.Ok(await passkeys.StartAddingAsync(me.Id)) : TypedResults.BadRequest();
}
