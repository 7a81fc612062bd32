using System.Buffers;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Users;
using MixGateway.Authentication;

namespace MixGateway.Administration;

/// <summary>How the first administrator gets in; section <c>Bootstrap</c>.</summary>
internal sealed class AdministrationOptions
{
    public const string Section = "Bootstrap";

    /// <summary>What opens the management API; it stays closed while this is not set.</summary>
    public string? AdminToken { get; set; }

    /// <summary>The first administrator of the console, made at a start that finds none.</summary>
    public string? AdminEmail { get; set; }

    /// <summary>The first administrator's password; it changes nothing once he is there.</summary>
    public string? AdminPassword { get; set; }
}

internal sealed class AdministrationOptionsValidation : IValidateOptions<AdministrationOptions>
{
    private const int MinLength = 16;

    /// <summary>What a header carries unchanged: ASCII that can be seen.</summary>
    private static readonly SearchValues<char> Visible = SearchValues.Create(Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).ToArray());

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AdministrationOptions options)
    {
        List<string> errors = [];

        // A secret is never a part of a message: it would be a secret in a log.
        if (!string.IsNullOrEmpty(options.AdminToken)
            && (options.AdminToken.Length is < MinLength or > ApiKey.MaxLength || options.AdminToken.AsSpan().ContainsAnyExcept(Visible)))
        {
            errors.Add(
                $"Bootstrap:AdminToken has to have {MinLength} to {ApiKey.MaxLength} letters, digits or ASCII signs and no blanks, for example the output of: openssl rand -hex 32");
        }

        if (string.IsNullOrEmpty(options.AdminEmail) != string.IsNullOrEmpty(options.AdminPassword))
        {
            errors.Add("Bootstrap:AdminEmail and Bootstrap:AdminPassword belong together: set both, or none.");
        }
        else if (options.AdminPassword is { Length: > 0 and < UsersExtensions.MinPasswordLength })
        {
            errors.Add($"Bootstrap:AdminPassword has to have {UsersExtensions.MinPasswordLength} characters at least.");
        }
        else if (options.AdminEmail is { Length: > 0 } email && !email.Contains('@', StringComparison.Ordinal))
        {
            errors.Add("Bootstrap:AdminEmail has to be an e-mail address.");
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }
}
