using System.Collections.Immutable;

namespace MixGateway.Catalog;

/// <summary>
/// Reads the settings at start and whenever they change, and puts what is valid in force. One thread at a time calls it.
/// </summary>
internal sealed partial class CatalogSource : IDisposable
{
    private readonly CatalogSettings _settings;
    private readonly ImmutableArray<ICatalogRule> _rules;
    private readonly TimeProvider _time;
    private readonly ILogger<CatalogSource> _logger;
    private SettingsNode _inForce;
    private SettingsNode? _refused;
    private ImmutableArray<string> _lost = [];
    private ImmutableArray<string> _coldEdits = [];
    private ImmutableArray<string> _credentialsAlone = [];

    /// <exception cref="CatalogException">The settings do not make a catalog.</exception>
    public CatalogSource(
        IConfiguration configuration,
        IEnumerable<ICatalogRule> rules,
        TimeProvider time,
        ILogger<CatalogSource> logger)
    {
        _settings = new CatalogSettings(configuration);
        _rules = [.. rules];
        _time = time;
        _logger = logger;
        try
        {
            var now = time.GetUtcNow();
            _settings.Look(now);
            var merged = _settings.Merge();
            Store = new CatalogStore(ReadAtStart(merged));
            Status = new CatalogStatus(Store.Current.Revision, now);
            _inForce = merged;
        }
        catch (CatalogException)
        {
            _settings.Dispose();
            throw;
        }

        Log.InForce(_logger, Store.Current.Revision, Store.Current.Providers.Count);
        WarnOfCredentialsAlone();
    }

    public CatalogStore Store { get; }

    public CatalogStatus Status { get; }

    /// <summary>True if <see cref="Poll"/> would find nothing new.</summary>
    public bool IsAsBefore() => _settings.IsAsBefore();

    /// <summary>Looks at the settings once more and takes what has changed, if it is valid.</summary>
    public void Poll()
    {
        var now = _time.GetUtcNow();
        var changed = _settings.Look(now);
        foreach (var file in _settings.Files)
        {
            if (file.IsOverdue(now))
            {
                Log.FileUnusable(_logger, file.Path, file.Fault);
            }
        }

        if (changed)
        {
            Consider(now);
        }

        ShowLostFiles(now);
        WarnOfColdSettings();
        WarnOfCredentialsAlone();
    }

    public void Dispose() => _settings.Dispose();

    /// <summary>What is not in force shows wherever a refused edit does. An edit that was refused for itself says more, and stays.</summary>
    private void ShowLostFiles(DateTimeOffset now)
    {
        var lost = LostFiles(now);
        if (!lost.IsEmpty && (!lost.SequenceEqual(_lost) || Status.Current.RejectedAt is null))
        {
            Status.Rejected(lost, now);
        }
        else if (lost.IsEmpty && !_lost.IsEmpty)
        {
            // Whole again: what it holds is in force, or is refused for what is wrong with it.
            _refused = null;
            Consider(now);
        }

        _lost = lost;
    }

    /// <summary>Says once for each edit which changed settings wait for a restart. Names only: values may be secrets.</summary>
    private void WarnOfColdSettings()
    {
        if (_settings.ColdEdits is var edits && !edits.SequenceEqual(_coldEdits, StringComparer.OrdinalIgnoreCase))
        {
            _coldEdits = edits;
            Status.RestartNeeded = edits;
            if (!edits.IsEmpty)
            {
                Log.RestartNeeded(_logger, string.Join(", ", edits));
            }
        }
    }

    private void WarnOfCredentialsAlone()
    {
        if (_settings.CredentialsAlone is var names && !names.SequenceEqual(_credentialsAlone, StringComparer.OrdinalIgnoreCase))
        {
            _credentialsAlone = names;
            foreach (var name in names)
            {
                Log.CredentialsAlone(_logger, name);
            }
        }
    }

    private void Consider(DateTimeOffset now)
    {
        if (Mistakes() is { IsEmpty: false } mistakes)
        {
            _refused = null;
            Refuse(mistakes, now);
            return;
        }

        var written = _settings.Merge();
        if (written.IsSameAs(_inForce))
        {
            Withdraw();
            return;
        }

        if (_refused is not null && written.IsSameAs(_refused))
        {
            return;
        }

        var reading = Read(written);
        if (reading.Snapshot is not { } snapshot)
        {
            _refused = written;
            Refuse(reading.Errors, now);
            return;
        }

        _refused = null;
        _inForce = written;
        Store.Swap(snapshot);
        Status.Accepted(snapshot.Revision, now);
        Log.InForce(_logger, snapshot.Revision, snapshot.Providers.Count);
    }

    private CatalogReading Read(SettingsNode merged)
    {
        try
        {
            return CatalogReader.Read(merged, _rules, Store.Current.Revision + 1, new ReadBefore(_inForce, Store.Current));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A rule that throws is a bug of ours; an edit that meets it is refused as any other, and never stops the gateway.
            Log.CheckFailed(_logger, exception);
            return new CatalogReading(null, [$"The settings could not be checked because of a fault in the gateway ({exception.GetType().Name})."]);
        }
    }

    private void Refuse(ImmutableArray<string> errors, DateTimeOffset now)
    {
        Status.Rejected(errors, now);
        Log.Refused(_logger, Store.Current.Revision, string.Join('\n', errors));
    }

    private void Withdraw()
    {
        _refused = null;
        if (Status.Current.RejectedAt is not null)
        {
            Status.Withdrawn();
            Log.Withdrawn(_logger, Store.Current.Revision);
        }
    }

    private CatalogSnapshot ReadAtStart(SettingsNode merged)
    {
        var faults = _settings.Files.Where(file => file.Fault is not null)
            .Select(file => $"{file.Path}: cannot be used because {file.Fault}; correct it or remove it.");
        ImmutableArray<string> errors = [.. faults, .. Mistakes()];
        if (errors.IsEmpty)
        {
            var reading = CatalogReader.Read(merged, _rules, revision: 1);
            errors = reading.Errors;
            if (reading.Snapshot is { } snapshot)
            {
                return snapshot;
            }
        }

        throw new CatalogException(errors);
    }

    private ImmutableArray<string> Mistakes()
        => [.. _settings.Files.SelectMany(static file => file.Mistakes.Select(mistake => $"{file.Path}: {mistake}"))];

    /// <summary>Files that have been unusable for longer than an edit takes.</summary>
    private ImmutableArray<string> LostFiles(DateTimeOffset now)
        => [.. _settings.Files.Where(file => file.IsLost(now)).Select(static file => $"{file.Path}: is ignored because {file.Fault}; what it held before stays in force.")];

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Catalog revision {Revision} with {Providers} providers is in force", EventName = "CatalogInForce")]
        public static partial void InForce(ILogger logger, long revision, int providers);

        [LoggerMessage(2, LogLevel.Error, "The changed settings are refused and catalog revision {Revision} stays in force:\n{Errors}", EventName = "CatalogRefused")]
        public static partial void Refused(ILogger logger, long revision, string errors);

        [LoggerMessage(3, LogLevel.Information, "The refused settings are taken back; catalog revision {Revision} is what is written", EventName = "CatalogRefusalWithdrawn")]
        public static partial void Withdrawn(ILogger logger, long revision);

        [LoggerMessage(4, LogLevel.Warning, "{File} is ignored because {Fault}; what it held before stays in force", EventName = "CatalogFileUnusable")]
        public static partial void FileUnusable(ILogger logger, string file, string? fault);

        [LoggerMessage(6, LogLevel.Warning, "These settings were changed and take effect at the next start: {Settings}", EventName = "RestartNeeded")]
        public static partial void RestartNeeded(ILogger logger, string settings);

        [LoggerMessage(7, LogLevel.Warning, "Providers:{Provider} has a credential in the secrets or the environment and nothing else, so it is no provider; remove the credential, or add BaseUrl and Models", EventName = "CredentialsAlone")]
        public static partial void CredentialsAlone(ILogger logger, string provider);

        [LoggerMessage(5, LogLevel.Error, "A check of the changed settings failed", EventName = "CatalogCheckFailed")]
        public static partial void CheckFailed(ILogger logger, Exception exception);
    }
}
