using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace MixGateway.Administration.Users;

/// <summary>
/// Which passkeys are asked for: those that can say by themselves whose they are, and whose holder has shown a finger, a face or a PIN. So a
/// passkey is two factors, and no code is asked for after it. Behind a proxy the domain is the one of <c>Console:PublicUrl</c>.
/// </summary>
internal sealed class PasskeyOptionsSetup(IOptions<RegistrationOptions> registration) : IConfigureOptions<IdentityPasskeyOptions>
{
    private const string Required = "required";

    public void Configure(IdentityPasskeyOptions options)
    {
        options.UserVerificationRequirement = Required;
        options.ResidentKeyRequirement = Required;
        if (registration.Value.PublicUrl is { } url)
        {
            options.ServerDomain = url.IdnHost;
            options.ValidateOrigin = context => ValueTask.FromResult(
                !context.CrossOrigin && Uri.TryCreate(context.Origin, UriKind.Absolute, out var origin)
                && Uri.Compare(origin, url, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0);
        }
    }
}
