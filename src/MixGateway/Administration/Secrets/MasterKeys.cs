using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Administration.Secrets;

/// <summary>
/// The master keys of this gateway: those of the settings, or the one in the file <c>master.key</c> of the data folder, which is made at the
/// first start without <c>Security:MasterKey</c>. The first one encrypts, all of them decrypt. A database that replicas share, and whose key
/// would have to be the same for all, has none unless the settings name one.
/// </summary>
/// <param name="keepsFile">True if this gateway may keep a key of its own in the data folder.</param>
internal sealed class MasterKeys(IOptions<SecurityOptions> options, DataFolder folder, bool keepsFile)
{
    public const string FileName = "master.key";

    private readonly Lazy<IReadOnlyList<MasterKey>> _all = new(() => Load(options.Value, folder, keepsFile));

    /// <summary>Null if there is no key: secrets then lie in the database as they are.</summary>
    public MasterKey? Current => _all.Value is [var first, ..] ? first : null;

    /// <summary>Null if this gateway does not have the key.</summary>
    public MasterKey? Find(ReadOnlySpan<byte> id)
    {
        foreach (var key in _all.Value)
        {
            if (id.SequenceEqual(key.Id))
            {
                return key;
            }
        }

        return null;
    }

    private static IReadOnlyList<MasterKey> Load(SecurityOptions options, DataFolder folder, bool keepsFile)
    {
        var file = Path.Combine(folder.Path, FileName);
        List<string> texts = string.IsNullOrWhiteSpace(options.MasterKey) ? [] : [options.MasterKey];
        texts.AddRange(options.PreviousMasterKeys);

        // With a key in the settings the file is one of before: so an embedded installation moves to a key of its own without another step.
        if (keepsFile && (texts.Count == 0 || File.Exists(file)))
        {
            texts.Add(ReadOrCreate(file, folder, mayCreate: texts.Count == 0));
        }

        return [.. texts.Select(static text => new MasterKey(text))];
    }

    /// <exception cref="DatabaseRefusedException">The file cannot be read or made, or holds no key.</exception>
    private static string ReadOrCreate(string file, DataFolder folder, bool mayCreate)
    {
        try
        {
            if (mayCreate && !File.Exists(file))
            {
                folder.Create();
                Write(file, MasterKey.NewText());
            }

            var text = File.ReadAllText(file).Trim();
            return text.Length >= SecurityOptions.MinLength
                ? text
                : throw new DatabaseRefusedException($"The master key in {file} is incomplete. Restore the file from your backup, or set Security:MasterKey.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseRefusedException($"The master key {file} cannot be read or created: {exception.Message} Set Security:MasterKey, or make {DataFolder.Key} writable.");
        }
    }

    /// <summary>Whole or not at all, and on the disk before anything is encrypted with it. Of two who make it at once one wins.</summary>
    private static void Write(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var draft = $"{file}.{Environment.ProcessId}";
        using (var stream = new FileStream(draft, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text + "\n"));
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);
        }
    }
}
