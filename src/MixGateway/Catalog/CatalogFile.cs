using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;

namespace MixGateway.Catalog;

/// <summary>
/// One JSON file of the configuration. Its text is read whole and compared at each look: time stamps miss an edit within the
/// same tick, and a mounted file that is a link to a link (as Kubernetes does it) changes without its own stamp changing.
/// </summary>
internal sealed class CatalogFile(string path)
{
    /// <summary>What is half-written is whole again sooner than this; what takes longer is worth a word to the operator.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private byte[] _buffer = new byte[16 * 1024];
    private byte[]? _lastText;
    private string? _lastTextFault;
    private DateTimeOffset? _unusableSince;
    private bool _reported;
    private bool _absent;
    private bool _notFound;

    public string Path => path;

    /// <summary>The settings of the last text that was JSON; empty if there was none yet.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; private set; } = new Dictionary<string, string?>();

    /// <summary>Why the last text that was JSON cannot be configuration (a name twice, no object at the top); none if it can.</summary>
    public IReadOnlyList<string> Mistakes { get; private set; } = [];

    /// <summary>Why the file cannot be used now, so that what it held before stays; null if it can, or never was there.</summary>
    public string? Fault { get; private set; }

    /// <summary>True if the file has been unusable for longer than <see cref="Patience"/>: whoever edits it believes that it is in force.</summary>
    public bool IsLost(DateTimeOffset now) => _unusableSince is { } since && now - since > Patience;

    /// <summary>True if <see cref="Settings"/> or <see cref="Mistakes"/> are others than before.</summary>
    public bool Look(DateTimeOffset now)
    {
        Fault = Read(out var text);
        var changed = false;
        if (Fault is null && !_absent)
        {
            changed = Take(text);
            Fault = _lastTextFault;
        }

        if (Fault is null)
        {
            _unusableSince = null;
            _reported = false;
        }
        else
        {
            _unusableSince ??= now;
        }

        return changed;
    }

    /// <summary>True if a look would find what the last one found. Reads and compares, and parses nothing.</summary>
    public bool IsAsBefore() => Read(out var text) is null && Fault is null && (_absent || (_lastText is not null && text.SequenceEqual(_lastText)));

    /// <summary>True once for each time that the file stays unusable for longer than <see cref="Patience"/>.</summary>
    public bool IsOverdue(DateTimeOffset now)
    {
        if (_reported || !IsLost(now))
        {
            return false;
        }

        _reported = true;
        return true;
    }

    private string? Read(out ReadOnlySpan<byte> text)
    {
        text = default;
        _absent = false;

        // Most installations lack one of the optional files, and to throw at every look would cost more than all else that an idle gateway does.
        if (_notFound && !File.Exists(path))
        {
            return Missing();
        }

        try
        {
            text = ReadAll();
            _notFound = false;
            return null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            _notFound = true;
            return Missing();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read ({exception.GetType().Name})";
        }
    }

    private string? Missing()
    {
        _absent = _lastText is null;
        return _absent ? null : "it is missing";
    }

    private ReadOnlySpan<byte> ReadAll()
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var length = 0;
        for (int read; (read = stream.Read(_buffer, length, _buffer.Length - length)) > 0;)
        {
            length += read;
            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, length * 2);
            }
        }

        return _buffer.AsSpan(0, length);
    }

    private bool Take(ReadOnlySpan<byte> text)
    {
        if (_lastText is not null && text.SequenceEqual(_lastText))
        {
            return false;
        }

        _lastText = text.ToArray();
        _lastTextFault = null;
        try
        {
            Settings = JsonText.Parse(_lastText);
            Mistakes = [];
            return true;
        }
        catch (JsonException exception)
        {
            // Its message may quote the text, which may be a secret without its quotes.
            _lastTextFault = text.IsEmpty ? "it is empty" : $"it is not JSON from line {exception.LineNumber + 1} on";
            return false;
        }
        catch (FormatException exception)
        {
            var repeated = RepeatedNames.Find(_lastText);
            Mistakes = repeated.Count > 0 ? [.. repeated.Select(RepeatedNames.Describe)] : [exception.Message];
            return true;
        }
    }

    /// <summary>The framework's own reading of JSON settings, so that comments, numbers and lists mean what they mean to the host.</summary>
    private sealed class JsonText(JsonStreamConfigurationSource source) : JsonStreamConfigurationProvider(source)
    {
        public static ReadOnlyDictionary<string, string?> Parse(byte[] text)
        {
            using var stream = new MemoryStream(text, writable: false);
            var provider = new JsonText(new JsonStreamConfigurationSource { Stream = stream });
            provider.Load();
            return new ReadOnlyDictionary<string, string?>(provider.Data);
        }
    }
}
