using Microsoft.Extensions.Options;
using MixGateway.Catalog;

namespace MixGateway.Diagnostics;

/// <summary>
/// Finds the mistakes of every part of the configuration before anything starts. The host would stop at the first part that
/// has one, and its operator would start as often as there are mistakes.
/// </summary>
internal static class ConfigurationCheck
{
    /// <exception cref="OptionsValidationException">There are mistakes; its failures name them all.</exception>
    public static void Run(IServiceProvider services)
    {
        List<string> mistakes = [];
        CheckCatalog(services, mistakes);
        CheckOptions(services, mistakes);
        if (mistakes.Count > 0)
        {
            throw new OptionsValidationException(nameof(ConfigurationCheck), typeof(IConfiguration), mistakes);
        }
    }

    private static void CheckCatalog(IServiceProvider services, List<string> mistakes)
    {
        try
        {
            services.GetRequiredService<CatalogStore>();
        }
        catch (CatalogException e)
        {
            mistakes.AddRange(e.Errors);
        }
    }

    private static void CheckOptions(IServiceProvider services, List<string> mistakes)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (OptionsValidationException e)
        {
            mistakes.AddRange(e.Failures);
        }
        catch (AggregateException e)
        {
            mistakes.AddRange(e.InnerExceptions.OfType<OptionsValidationException>().SelectMany(static inner => inner.Failures));
        }
        catch (InvalidOperationException e)
        {
            // The binder: a text where a number or a time belongs. Its message names the key.
            mistakes.Add(e.Message);
        }
    }
}
