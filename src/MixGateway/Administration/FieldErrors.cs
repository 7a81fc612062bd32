namespace MixGateway.Administration;

/// <summary>What is wrong with an input, field by field; all of it is collected, so that one answer tells the whole story.</summary>
internal sealed class FieldErrors
{
    private readonly SortedDictionary<string, string> _errors = new(StringComparer.Ordinal);

    public bool Any => _errors.Count > 0;

    public IReadOnlyDictionary<string, string> ByField => _errors;

    /// <summary>Only the first error of a field is kept: the others mostly follow from it.</summary>
    public void Add(string field, string message) => _errors.TryAdd(field, message);
}
