namespace MixGateway.Simulator.Scripting;

/// <summary>A silence in the middle of an answer.</summary>
/// <param name="After">Events of a stream, or bytes of a JSON body, that come first; 0 is right after the headers.</param>
internal readonly record struct Stall(int After, TimeSpan Duration);
