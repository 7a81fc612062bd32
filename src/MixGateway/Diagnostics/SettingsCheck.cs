using Microsoft.Extensions.Options;
using MixGateway.Catalog;

namespace MixGateway.Diagnostics;

/// <summary>The settings cannot be started with; the message holds every mistake, one a line.</summary>
internal sealed class SettingsRefusedException(IReadOnlyCollection<string> errors)
    : Exception($"The configuration is not valid:{string.Concat(errors.Select(static error => $"\n  {error}"))}");

/// <summary>Options and catalogue are checked by different hands, but an operator wants to know all of their mistakes at once.</summary>
internal static class SettingsCheck
{
    /// <exception cref="SettingsRefusedException">There are mistakes.</exception>
    public static void CheckSettings(this WebApplication app)
    {
        List<string> errors = [];
        try
        {
            app.Services.GetService<IStartupValidator>()?.Validate();
        }
        catch (OptionsValidationException exception)
        {
            errors.AddRange(exception.Failures);
        }
        catch (AggregateException exception)
        {
            errors.AddRange(exception.InnerExceptions.SelectMany(static inner => inner is OptionsValidationException options ? options.Failures : [inner.Message]));
        }
        catch (InvalidOperationException exception)
        {
            // The binder: a text where a number or a time belongs. Its message names the key.
            errors.Add(exception.Message);
        }

        try
        {
            app.Services.GetRequiredService<CatalogStore>();
        }
        catch (CatalogException exception)
        {
            errors.AddRange(exception.Errors);
        }

        if (errors.Count > 0)
        {
            throw new SettingsRefusedException(errors);
        }
    }
}
