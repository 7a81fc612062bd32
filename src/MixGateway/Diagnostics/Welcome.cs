using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using MixGateway.Administration;
using MixGateway.Administration.Users;

namespace MixGateway.Diagnostics;

/// <summary>The first thing a developer sees: where the gateway is, a key that works, and a call to paste. Development only.</summary>
internal static class Welcome
{
    public static void Print(WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
        {
            return;
        }

        var address = AddressOf(app);
        var management = ManagementOptions.Split(app.Services.GetRequiredService<IOptions<ManagementOptions>>().Value.Urls).FirstOrDefault() ?? address;
        var account = app.Services.GetRequiredService<DevelopmentAccount>();
        System.Console.WriteLine($$"""

              MixGateway is ready: {{address}}/v1  (development: embedded demo provider, nothing here is for production)

              API key       {{account.Key}}
              Admin token   {{account.AdminToken}}   (management API: {{management}}/api/v1)
            {{ConsoleLines(app, management)}}

              Try it:
              curl {{address}}/v1/chat/completions -H "Authorization: Bearer {{account.Key}}" -H "Content-Type: application/json" -d '{"model": "demo:echo", "messages": [{"role": "user", "content": "Hi"}]}'

            """);
    }

    /// <summary>The console's address, and its administrator's password the one time that it is known.</summary>
    private static string ConsoleLines(WebApplication app, string address)
    {
        if (app.Services.GetService<AdministratorSetup>() is not { } administrator)
        {
            return "";
        }

        var signIn = administrator is { NewEmail: { } email, NewPassword: { } password } ? $"   (sign in as {email} with {password}, which is shown this once)" : "";
        return $"  Console       {address}/dashboard{signIn}{Environment.NewLine}";
    }

    private static string AddressOf(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
        return addresses?.FirstOrDefault()?.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal) ?? "http://localhost:8080";
    }
}
