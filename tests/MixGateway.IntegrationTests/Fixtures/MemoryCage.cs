using System.Globalization;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A control group with a memory limit, as a container is one. Where none can be made, the runtime's own limit stands in.</summary>
internal sealed class MemoryCage : IDisposable
{
    private const string VersionOne = "/sys/fs/cgroup/memory";
    private const string VersionTwo = "/sys/fs/cgroup";

    private readonly string? _folder;

    private MemoryCage(string? folder, int mebibytes)
    {
        _folder = folder;
        Bytes = (long)mebibytes << 20;
    }

    public long Bytes { get; }

    /// <summary>The file into which a process writes its id to be caged; null where there is no control group.</summary>
    public string? Door => _folder is null ? null : Path.Combine(_folder, "cgroup.procs");

    /// <summary>What the process needs in its environment where there is no control group.</summary>
    public IReadOnlyDictionary<string, string> Environment => _folder is not null
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = (Bytes / 4 * 3).ToString("x", CultureInfo.InvariantCulture) };

    public static MemoryCage Create(int mebibytes)
    {
        var name = $"mixgateway-test-{Guid.NewGuid():N}";
        return TryCreate(Path.Combine(VersionOne, name), "memory.limit_in_bytes", mebibytes)
            ?? TryCreate(Path.Combine(VersionTwo, name), "memory.max", mebibytes)
            ?? new MemoryCage(null, mebibytes);
    }

    public void Dispose()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder);
        }
    }

    private static MemoryCage? TryCreate(string folder, string limit, int mebibytes)
    {
        if (!Directory.Exists(Path.GetDirectoryName(folder)))
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(Path.Combine(folder, limit)))
            {
                File.WriteAllText(Path.Combine(folder, limit), string.Create(CultureInfo.InvariantCulture, $"{mebibytes}m"));
                return new MemoryCage(folder, mebibytes);
            }

            Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not ours to make here.
        }

        return null;
    }
}
