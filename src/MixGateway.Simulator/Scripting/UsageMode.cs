namespace MixGateway.Simulator.Scripting;

/// <summary>Where token usage is reported.</summary>
internal enum UsageMode
{
    /// <summary>In JSON always; of a stream in an extra chunk if <c>stream_options.include_usage</c> is true.</summary>
    Asked,

    /// <summary>In JSON, and of every stream in an extra chunk, asked or not.</summary>
    Always,

    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>On a stream's last content chunk, which also carries finish_reason; there is no extra chunk.</summary>
    Last,

    /// <summary>As <see cref="Always"/>, every count 0.</summary>
    Zero,

    /// <summary>On the first content chunk as far as it goes, and in the extra chunk if that was asked for.</summary>
    First,

    /// <summary>On every chunk, counting up; in the extra chunk too if that was asked for.</summary>
    Every,
}
