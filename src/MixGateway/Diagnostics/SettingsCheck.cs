using Microsoft.Extensions.Options;
using MixGateway.Catalog;
using MixGateway.Hosting;
using MixGateway.Quotas;

namespace MixGateway.Diagnostics;

/// <summary>The settings cannot be started with; the message holds every mistake, one per line.</summary>
internal sealed class SettingsRefusedException(IReadOnlyCollection<string> errors)
    : Exception($"The configuration is not valid:{string.Concat(errors.Select(static error => $"\n  {error}"))}")
{
    public IReadOnlyCollection<string> Errors { get; } = errors;
}

/// <summary>Options and catalog are checked by different hands, but an operator wants to know all of their mistakes at once.</summary>
internal static class SettingsCheck
{
    /// <summary>Notes which options there are to check. Belongs behind all that adds some.</summary>
    public static void AddSettingsCheck(this WebApplicationBuilder builder)
    {
        var read = typeof(SettingsCheck).GetMethod(nameof(Read), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;
        builder.Services.AddSingleton(new Checks(
        [
            .. builder.Services.Select(static service => service.ServiceType)
                .Where(static type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IValidateOptions<>))
                .Select(static type => type.GetGenericArguments()[0]).Where(static options => options.Assembly == typeof(SettingsCheck).Assembly)
                .Distinct().Select(options => read.MakeGenericMethod(options).CreateDelegate<Action<IServiceProvider>>()),
        ]));
    }

    /// <param name="found">Mistakes that were found before.</param>
    /// <exception cref="SettingsRefusedException">There are mistakes.</exception>
    public static void CheckSettings(this WebApplication app, IReadOnlyCollection<string> found)
    {
        List<string> errors =
        [
            .. found,
            .. StoreChoice.Mistakes(app.Configuration, app.Environment), .. UnknownSettings.StoreMistakes(app.Configuration),
            .. app.Services.GetService<LogSettings>()?.Mistakes ?? [], .. SettingKinds.Mistakes(app.Configuration),
        ];
        var ofWrongKind = errors.Select(NameIn).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var check in app.Services.GetRequiredService<Checks>().All)
        {
            // A value of the wrong kind was told already; what it was taken for instead says nothing.
            errors.AddRange(MistakesOf(() => check(app.Services), errors).Where(error => !ofWrongKind.Contains(NameIn(error))));
        }

        errors.AddRange(MistakesOf(() => HotStoreSettings.Read(app.Configuration), errors));

        // Those of others, which are checked at the start as well.
        errors.AddRange(MistakesOf(() => app.Services.GetService<IStartupValidator>()?.Validate(), errors).Where(error => !ofWrongKind.Contains(NameIn(error))));
        errors.AddRange(MistakesOf(() => app.Services.GetRequiredService<CatalogStore>(), errors));
        errors.AddRange(ListenerCheck.Mistakes(app));
        if (errors.Count > 0)
        {
            throw new SettingsRefusedException(errors);
        }
    }

    /// <summary>What <see cref="CheckSettings"/> checks of the stores, for a process that uses nothing else.</summary>
    /// <exception cref="SettingsRefusedException">There are mistakes.</exception>
    public static void CheckStoreSettings(this WebApplication app)
    {
        List<string> errors = [.. StoreChoice.IsChosen(app.Configuration) ? [] : new[] { StoreChoice.Unchosen }, .. UnknownSettings.StoreMistakes(app.Configuration)];
        if (errors.Count > 0)
        {
            throw new SettingsRefusedException(errors);
        }
    }

    /// <summary>What is not among <paramref name="known"/>: options that others need are read with them.</summary>
    private static IEnumerable<string> MistakesOf(Action check, List<string> known)
    {
        try
        {
            check();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures.Except(known);
        }
        catch (CatalogException exception)
        {
            return exception.Errors.Except(known);
        }
        catch (AggregateException exception)
        {
            return exception.InnerExceptions.SelectMany(static inner => inner is OptionsValidationException options ? options.Failures : [inner.Message]).Except(known).ToArray();
        }
        catch (InvalidOperationException exception)
        {
            // The binder: a text where a number or a time belongs, which was told before, or something else that its message says.
            return known.Count > 0 ? [] : [exception.Message];
        }
    }

    /// <summary>The setting that a mistake begins with.</summary>
    private static string NameIn(string error) => error.Split(' ')[0].TrimEnd(':');

    private static void Read<T>(IServiceProvider services)
        where T : class => _ = services.GetRequiredService<IOptions<T>>().Value;

    private sealed record Checks(IReadOnlyList<Action<IServiceProvider>> All);
}
