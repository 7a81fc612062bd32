namespace MixGateway.Simulator;

/// <summary>What a call asks for.</summary>
internal enum Operation
{
    /// <summary>chat/completions</summary>
    Chat,

    /// <summary>completions, the older form</summary>
    Text,

    Embeddings,
}
