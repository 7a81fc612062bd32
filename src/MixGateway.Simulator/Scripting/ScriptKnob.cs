namespace MixGateway.Simulator.Scripting;

/// <summary>One knob of the grammar.</summary>
/// <param name="Values">What values it takes, for people.</param>
/// <param name="Meaning">What it does, for people.</param>
/// <param name="Apply">The script with the value set; null where the value is not one of <paramref name="Values"/>.</param>
internal sealed record ScriptKnob(string Name, string Values, string Meaning, Func<SimulatorScript, string, SimulatorScript?> Apply);
