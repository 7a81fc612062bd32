namespace MixGateway.Hosting;

/// <summary>What the end of the process tells its manager; docs/operations.md lists them.</summary>
internal static class ExitCodes
{
    /// <summary>It did what it was asked, and stopped because it was asked to.</summary>
    public const int Done = 0;

    /// <summary>It did not start, or a check failed; the message says what to do.</summary>
    public const int Refused = 1;

    /// <summary>It stopped because of a bug.</summary>
    public const int Bug = 2;

    /// <summary>It was told to stop, something did not end in time, and it was cut off.</summary>
    public const int CutOff = 3;
}
