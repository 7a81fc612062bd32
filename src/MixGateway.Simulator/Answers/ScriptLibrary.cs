using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Answers;

/// <summary>Keeps the material of the model ids that were called, up to a bound.</summary>
internal sealed class ScriptLibrary
{
    private const int MaxKept = 1024;

    private readonly ConcurrentDictionary<string, ScriptMaterial> _kept = new(StringComparer.Ordinal);

    public bool TryGet(string model, [NotNullWhen(true)] out ScriptMaterial? material, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (_kept.TryGetValue(model, out material))
        {
            return true;
        }

        if (!SimulatorScript.TryParse(model, out SimulatorScript? script, out error))
        {
            return false;
        }

        material = ScriptMaterial.Of(script);
        if (_kept.Count < MaxKept)
        {
            _kept.TryAdd(model, material);
        }

        return true;
    }
}
