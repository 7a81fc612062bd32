namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>A gateway that the tests of one class share, with an administrator to sign in as.</summary>
public sealed class AdministratorGateway() : SharedGateway(static _ =>
[
    $"Bootstrap:AdminEmail={Email}",
    $"Bootstrap:AdminPassword={Visitor.Password}",
    "Console:SignInsPerMinute=1000",
    "Console:OpenIdConnect:Authority=http://127.0.0.1:9",
    "Console:OpenIdConnect:ClientId=mixgateway",
    "Console:OpenIdConnect:DisplayName=Example SSO",
])
{
    public const string Email = "admin@example.com";

    /// <summary>A browser in which the administrator is signed in.</summary>
    internal async Task<Visitor> SignInAsync(string locale = "en-US", bool dark = false, int width = 1280, int height = 900)
    {
        var visitor = await Visitor.OpenAsync(Gateway, locale, dark, width, height);
        await visitor.SignInAsync(Email);
        return visitor;
    }
}
