using System.Diagnostics.CodeAnalysis;

namespace MixGateway.Administration;

/// <summary>Why a use case did not do what it was asked.</summary>
internal enum RefusalReason
{
    /// <summary>The input breaks a rule; <see cref="Refusal.Errors"/> names each field.</summary>
    Invalid,

    /// <summary>What it is about does not exist.</summary>
    NotFound,

    /// <summary>Who asks may not do this.</summary>
    Forbidden,

    /// <summary>The input is fine, but not in the state that things are in.</summary>
    Conflict,

    /// <summary>Asked too often; the same may be asked again later.</summary>
    TooMany,

    /// <summary>Something that is needed for it does not answer; the same may succeed in a moment.</summary>
    Unavailable,
}

/// <summary>A use case's refusal, worded for the person who asked.</summary>
internal sealed record Refusal(RefusalReason Reason, string Detail, FieldErrors? Errors = null)
{
    /// <summary>The scope that would allow it; null where it is not for want of one.</summary>
    public string? MissingScope { get; private init; }

    /// <summary>How long to wait before asking again; null where nothing is known.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    public static Refusal Invalid(FieldErrors errors) => new(RefusalReason.Invalid, "Some fields are not valid: errors says which, and why.", errors);

    public static Refusal NotFound(string what, Guid id) => new(RefusalReason.NotFound, $"There is no {what} with the id {id}.");

    public static Refusal BadCursor()
    {
        var errors = new FieldErrors();
        errors.Add("cursor", "Is not a cursor of this list: use nextCursor of the page before as it is.");
        return Invalid(errors);
    }

    public static Refusal Conflict(string detail) => new(RefusalReason.Conflict, detail);

    public static Refusal Forbidden(string detail, string? missingScope = null) => new(RefusalReason.Forbidden, detail) { MissingScope = missingScope };

    public static Refusal TooMany(string detail, TimeSpan retryAfter) => new(RefusalReason.TooMany, detail) { RetryAfter = retryAfter };

    public static Refusal Unavailable(string detail) => new(RefusalReason.Unavailable, detail);
}

/// <summary>What a use case gives: its value, or the reason why there is none.</summary>
internal readonly struct Outcome<T>
    where T : class
{
    private Outcome(T? value, Refusal? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    public T? Value { get; }

    public Refusal? Refusal { get; }

    public static implicit operator Outcome<T>(T value) => Of(value);

    public static implicit operator Outcome<T>(Refusal refusal) => new(null, refusal);

    public static Outcome<T> Of(T value) => new(value, null);

    public bool IsRefused([NotNullWhen(true)] out Refusal? refusal, [NotNullWhen(false)] out T? value)
    {
        (refusal, value) = (Refusal, Value);
        return refusal is not null;
    }
}

internal static class Outcome
{
    /// <summary>For values that are known by an interface, which C# does not convert by itself.</summary>
    public static Outcome<T> Of<T>(T value)
        where T : class => Outcome<T>.Of(value);
}
