namespace MixGateway.Simulator.Scripting;

/// <summary>How the lines of an event stream end; the standard allows all three.</summary>
internal enum LineEnding
{
    Lf,
    CrLf,
    Cr,
}
