using Microsoft.Extensions.Options;

namespace MixGateway.Usage;

/// <summary>How long and how much the books may wait for the database; section <c>Quotas</c>.</summary>
internal sealed class BooksOptions
{
    public const string Section = "Quotas";

    /// <summary>How long the end of an answer waits for its record to be durable.</summary>
    public TimeSpan SettleTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Records in memory beyond which no new call is accepted.</summary>
    public int MaxPending { get; set; } = 100_000;
}

internal sealed class BooksOptionsValidation : IValidateOptions<BooksOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, BooksOptions options)
    {
        var errors = new List<string>();
        if (options.SettleTimeout < Shortest || options.SettleTimeout > Longest)
        {
            errors.Add($"Quotas:SettleTimeout is {options.SettleTimeout}; write a time from {Shortest} to {Longest}, such as 00:00:05.");
        }

        if (options.MaxPending < 1)
        {
            errors.Add($"Quotas:MaxPending is {options.MaxPending}; write a number from 1 up.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
