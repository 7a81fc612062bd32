namespace MixGateway.Storage;

/// <summary>The folder of everything that the gateway keeps in files: <c>Data:Path</c>, by default <c>data</c> under the content root.</summary>
internal sealed class DataFolder : IDisposable
{
    public const string Key = "Data:Path";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Lock _gate = new();
    private FileStream? _lockFile;

    public DataFolder(IConfiguration configuration, IHostEnvironment environment)
        : this(System.IO.Path.Combine(environment.ContentRootPath, configuration[Key] is { Length: > 0 } path ? path : "data"))
    {
    }

    public DataFolder(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Creates the folder, readable by its owner alone; one that exists keeps its mode.</summary>
    /// <exception cref="DatabaseRefusedException">The folder cannot be created.</exception>
    public void Create()
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path);
            }
            else
            {
                Directory.CreateDirectory(Path, OwnerOnly);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseRefusedException($"{Key}: the folder {Path} cannot be created: {exception.Message}");
        }
    }

    /// <summary>Creates the folder and keeps every other gateway out of it until this object is disposed or the process ends, however it ends.</summary>
    /// <exception cref="DatabaseRefusedException">Another gateway has the folder, or it cannot be written to.</exception>
    public void Lock()
    {
        Create();
        lock (_gate)
        {
            try
            {
                _lockFile ??= new FileStream(System.IO.Path.Combine(Path, "gateway.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new DatabaseRefusedException($"{Key}: the folder {Path} cannot be written to: {exception.Message}");
            }
            catch (IOException)
            {
                throw new DatabaseRefusedException(
                    $"{Key}: the folder {Path} is in use by another gateway, or cannot be written to. Stop that one, set another {Key}, or share a database with ConnectionStrings:Postgres.");
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _lockFile?.Dispose();
            _lockFile = null;
        }
    }
}
