using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MixGateway.IntegrationTests.Console;

/// <summary>A person at the provider.</summary>
/// <param name="IsVerified">Null says nothing about the address.</param>
internal sealed record ProviderUser(string Id, string Email, bool? IsVerified = true);

/// <summary>What is wrong with the provider's answer.</summary>
public enum ProviderFault
{
    None,
    Denied,
    OtherNonce,
    OtherKey,
    OtherAudience,
    Expired,
    NoToken,
}

/// <summary>
/// An OpenID Connect provider over HTTP, as far as the code flow goes: discovery, keys, authorization, token and userinfo endpoint. It checks what
/// it is sent (client, redirect address, PKCE), asks nobody for a password, and misbehaves as a test wants.
/// </summary>
internal sealed class FakeIdentityProvider : IAsyncDisposable
{
    public const string ClientId = "mixgateway";
    public const string ClientSecret = "oidc-secret-0123456789";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _otherKey = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, Grant> _grants = new();

    private FakeIdentityProvider(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Who is signed in there.</summary>
    public ProviderUser User { get; set; } = new("nobody", "nobody@example.com");

    public ProviderFault Fault { get; set; }

    /// <summary>Tells the address at the userinfo endpoint alone, as OpenID Connect has it for the code flow.</summary>
    public bool KeepsTokenThin { get; set; }

    /// <summary>For the gateway.</summary>
    public string[] Settings => [$"Console:OpenIdConnect:Authority={Address}", $"Console:OpenIdConnect:ClientId={ClientId}", $"Console:OpenIdConnect:ClientSecret={ClientSecret}", "Console:OpenIdConnect:DisplayName=Example SSO"];

    /// <param name="port">0 for any.</param>
    public static async Task<FakeIdentityProvider> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{port}");
        var provider = new FakeIdentityProvider(app);
        app.MapGet("/.well-known/openid-configuration", (Delegate)provider.Discover);
        app.MapGet("/keys", (Delegate)provider.Keys);
        app.MapGet("/authorize", (Delegate)provider.Authorize);
        app.MapPost("/token", (Delegate)provider.TokenAsync);
        app.MapGet("/userinfo", (Delegate)provider.UserInfo);
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _key.Dispose();
        _otherKey.Dispose();
    }

    private IResult Discover() => Results.Json(new Dictionary<string, object>
    {
        ["issuer"] = Address,
        ["authorization_endpoint"] = $"{Address}/authorize",
        ["token_endpoint"] = $"{Address}/token",
        ["userinfo_endpoint"] = $"{Address}/userinfo",
        ["jwks_uri"] = $"{Address}/keys",
        ["response_types_supported"] = new[] { "code" },
        ["subject_types_supported"] = new[] { "public" },
        ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
    });

    private IResult Keys()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "1", n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } } });
    }

    private IResult Authorize(HttpContext context)
    {
        string Parameter(string name) => context.Request.Query[name].ToString();
        if (Parameter("client_id") != ClientId || Parameter("response_type") != "code" || Parameter("code_challenge_method") != "S256" || !Parameter("scope").Split(' ').Contains("openid"))
        {
            return Results.BadRequest("no such client, or not the code flow with PKCE");
        }

        var back = Parameter("redirect_uri");
        var state = Uri.EscapeDataString(Parameter("state"));
        if (Fault is ProviderFault.Denied)
        {
            return Results.Redirect($"{back}?error=access_denied&state={state}");
        }

        var code = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        _grants[code] = new Grant(User, back, Parameter("nonce"), Parameter("code_challenge"));
        return Results.Redirect($"{back}?code={code}&state={state}");
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var challenge = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (!_grants.TryRemove(form["code"].ToString(), out var grant) || grant.Challenge != challenge || grant.RedirectUri != form["redirect_uri"]
            || form["client_id"] != ClientId || form["client_secret"] != ClientSecret || form["grant_type"] != "authorization_code" || Fault is ProviderFault.NoToken)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        _grants[grant.User.Id] = grant;
        return Results.Json(new { access_token = grant.User.Id, token_type = "Bearer", expires_in = 60, id_token = Sign(grant) });
    }

    private IResult UserInfo(HttpContext context) =>
        _grants.TryGetValue(context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal), out var grant)
            ? Results.Json(Claims(grant.User, isThin: false)) : Results.Unauthorized();

    private string Sign(Grant grant)
    {
        var claims = Claims(grant.User, KeepsTokenThin);
        claims["nonce"] = Fault is ProviderFault.OtherNonce ? "another" : grant.Nonce;
        var now = DateTime.UtcNow;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Address,
            Audience = Fault is ProviderFault.OtherAudience ? "another" : ClientId,
            IssuedAt = now.AddHours(-2),
            NotBefore = now.AddHours(-2),
            Expires = Fault is ProviderFault.Expired ? now.AddHours(-1) : now.AddMinutes(5),
            Claims = claims,
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(Fault is ProviderFault.OtherKey ? _otherKey : _key) { KeyId = "1" }, SecurityAlgorithms.RsaSha256),
        });
    }

    private static Dictionary<string, object> Claims(ProviderUser user, bool isThin)
    {
        var claims = new Dictionary<string, object> { ["sub"] = user.Id };
        if (!isThin)
        {
            claims["email"] = user.Email;
            if (user.IsVerified is { } verified)
            {
                claims["email_verified"] = verified;
            }
        }

        return claims;
    }

    private sealed record Grant(ProviderUser User, string RedirectUri, string Nonce, string Challenge);
}
