using System.Buffers;
using Microsoft.Extensions.Options;
using MixGateway.Authentication;

namespace MixGateway.Administration;

/// <summary>How the first administrator gets in; section <c>Bootstrap</c>.</summary>
internal sealed class AdministrationOptions
{
    public const string Section = "Bootstrap";

    /// <summary>What opens the management API; it stays closed while this is not set.</summary>
    public string? AdminToken { get; set; }
}

internal sealed class AdministrationOptionsValidation : IValidateOptions<AdministrationOptions>
{
    private const int MinLength = 16;

    /// <summary>What a header carries unchanged: ASCII that can be seen.</summary>
    private static readonly SearchValues<char> Visible = SearchValues.Create(Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).ToArray());

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AdministrationOptions options)
    {
        if (string.IsNullOrEmpty(options.AdminToken))
        {
            return ValidateOptionsResult.Success;
        }

        // The token itself is not part of a message: it would be a secret in a log.
        return options.AdminToken.Length is < MinLength or > ApiKey.MaxLength || options.AdminToken.AsSpan().ContainsAnyExcept(Visible)
            ? ValidateOptionsResult.Fail(
                $"Bootstrap:AdminToken has to have {MinLength} to {ApiKey.MaxLength} letters, digits or ASCII signs and no blanks, for example the output of: openssl rand -hex 32")
            : ValidateOptionsResult.Success;
    }
}
