namespace MixGateway.OpenAI;

/// <summary>What buffers take their memory from. Thread-safe.</summary>
internal interface IByteBudget
{
    /// <summary>Takes <paramref name="bytes"/>; false, and nothing taken, if they do not fit.</summary>
    bool TryTake(long bytes);

    /// <summary>Gives back what was taken.</summary>
    void Return(long bytes);
}
