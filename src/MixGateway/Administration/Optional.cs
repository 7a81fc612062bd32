namespace MixGateway.Administration;

/// <summary>A member of an edit: not there means unchanged, there and null means cleared.</summary>
internal readonly record struct Optional<T>
{
    private Optional(T value)
    {
        IsSet = true;
        Value = value;
    }

    public bool IsSet { get; }

    /// <summary>The default of <typeparamref name="T"/> where nothing is set.</summary>
    public T? Value { get; }

    public static implicit operator Optional<T>(T value) => new(value);

    /// <summary>The new value, or the current one where nothing is set.</summary>
    public T? Or(T? current) => IsSet ? Value : current;
}
