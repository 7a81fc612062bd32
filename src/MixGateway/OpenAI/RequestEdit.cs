namespace MixGateway.OpenAI;

/// <summary>What takes the place of a piece of the caller's body.</summary>
internal enum RequestEditKind
{
    /// <summary>The provider's own model id replaces the caller's.</summary>
    Model,

    /// <summary>A whole <c>stream_options</c> member is inserted after the root's brace; a member follows always, at least the model.</summary>
    StreamOptionsMember,

    /// <summary>An object replaces <c>null</c>.</summary>
    StreamOptionsValue,

    /// <summary><c>include_usage</c> becomes the first of other members.</summary>
    FirstIncludeUsage,

    /// <summary><c>include_usage</c> becomes the only member.</summary>
    OnlyIncludeUsage,

    /// <summary><c>true</c> replaces the value of <c>include_usage</c>.</summary>
    IncludeUsageValue,

    /// <summary>The name of a limit on the answer, with its colon.</summary>
    OutputLimitName,

    /// <summary>A limit on the answer replaces the caller's.</summary>
    OutputLimitValue,

    /// <summary>What parts an inserted member from the next.</summary>
    Comma,

    /// <summary>Nothing comes.</summary>
    Removal,
}

/// <summary>One splice: these bytes go, what <see cref="Kind"/> says comes.</summary>
internal readonly record struct RequestEdit(ByteRange Range, RequestEditKind Kind);
