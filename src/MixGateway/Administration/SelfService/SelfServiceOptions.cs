using Microsoft.Extensions.Options;

namespace MixGateway.Administration.SelfService;

/// <summary>What people who help themselves may have before an administrator looks at them; a part of the section <c>Console</c>.</summary>
internal sealed class SelfServiceOptions
{
    public const string Section = "Console";

    /// <summary>Active keys that the members of an account may create. The management API has no such bound.</summary>
    public int KeysPerAccount { get; set; } = 100;

    /// <summary>Invitations that an account's owners may send within a day, withdrawn ones too.</summary>
    public int InvitationsPerDay { get; set; } = 20;

    /// <summary>Limits of the accounts that people get by registering. An administrator changes those of an account at any time.</summary>
    public NewAccountLimits NewAccounts { get; set; } = new();
}

/// <summary>Limits of a new account; null is no limit.</summary>
internal sealed class NewAccountLimits
{
    /// <summary>Requests per minute of all its keys together.</summary>
    public long? RequestsPerMinute { get; set; } = 300;

    /// <summary>Tokens per minute, prompts and answers, of all its keys together.</summary>
    public long? TokensPerMinute { get; set; }

    /// <summary>Calls that may run at a time.</summary>
    public long? MaxConcurrent { get; set; } = 30;

    public LimitChanges Changes => new(RequestsPerMinute, TokensPerMinute, MaxConcurrent);
}

internal sealed class SelfServiceOptionsValidation : IValidateOptions<SelfServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, SelfServiceOptions options)
    {
        List<string> errors = [];
        if (options.KeysPerAccount < 1)
        {
            errors.Add($"Console:KeysPerAccount is {options.KeysPerAccount}: set it to 1 or more.");
        }

        if (options.InvitationsPerDay < 1)
        {
            errors.Add($"Console:InvitationsPerDay is {options.InvitationsPerDay}: set it to 1 or more.");
        }

        Check(nameof(NewAccountLimits.RequestsPerMinute), options.NewAccounts.RequestsPerMinute);
        Check(nameof(NewAccountLimits.TokensPerMinute), options.NewAccounts.TokensPerMinute);
        Check(nameof(NewAccountLimits.MaxConcurrent), options.NewAccounts.MaxConcurrent);
        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;

        void Check(string limit, long? value)
        {
            if (value is < 1 or > LimitChanges.MaxLimit)
            {
                errors.Add($"Console:NewAccounts:{limit} is {value}: set it between 1 and {LimitChanges.MaxLimit}, or leave it empty for no limit.");
            }
        }
    }
}
