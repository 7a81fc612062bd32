namespace MixGateway.OpenAI;

/// <summary>What a caller sees of the usage in a stream.</summary>
internal enum UsageVisibility
{
    /// <summary>The caller asked for it, or nobody did: every byte stays.</summary>
    AsSent,

    /// <summary>Only the gateway asked: the chunk of usage is hidden, and so is the <c>"usage":null</c> that other chunks have because of it.</summary>
    Hidden,
}
