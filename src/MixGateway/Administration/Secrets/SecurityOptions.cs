using Microsoft.Extensions.Options;

namespace MixGateway.Administration.Secrets;

/// <summary>The keys that encrypt secrets in the database; section <c>Security</c>.</summary>
internal sealed class SecurityOptions
{
    public const string Section = "Security";

    /// <summary>Shorter texts can be guessed; <c>openssl rand -hex 32</c> writes 64 characters.</summary>
    public const int MinLength = 32;

    /// <summary>Encrypts what the database keeps. Random text, the same on every replica, and never in the database.</summary>
    public string? MasterKey { get; set; }

    /// <summary>Master keys of before, which still decrypt. What they encrypted is encrypted with <see cref="MasterKey"/> at the next start.</summary>
    public IList<string> PreviousMasterKeys { get; } = [];
}

/// <summary>Refuses keys that are too short, and keys of before without one that follows them.</summary>
internal sealed class SecurityOptionsValidation : IValidateOptions<SecurityOptions>
{
    public ValidateOptionsResult Validate(string? name, SecurityOptions options)
    {
        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(options.MasterKey))
        {
            if (options.PreviousMasterKeys.Count > 0)
            {
                errors.Add("Security:PreviousMasterKeys needs Security:MasterKey, the key that replaces them.");
            }
        }
        else if (options.MasterKey.Trim().Length < SecurityOptions.MinLength)
        {
            errors.Add($"Security:MasterKey must have at least {SecurityOptions.MinLength} characters, such as the output of openssl rand -hex 32.");
        }

        for (var i = 0; i < options.PreviousMasterKeys.Count; i++)
        {
            if (options.PreviousMasterKeys[i].Trim().Length < SecurityOptions.MinLength)
            {
                errors.Add($"Security:PreviousMasterKeys:{i} must have at least {SecurityOptions.MinLength} characters, as every master key.");
            }
        }

        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }
}
