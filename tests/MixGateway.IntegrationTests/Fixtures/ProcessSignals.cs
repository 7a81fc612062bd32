using System.Diagnostics;
using System.Globalization;

namespace MixGateway.IntegrationTests.Fixtures;

internal static class ProcessSignals
{
    /// <param name="signal">Its name without SIG.</param>
    public static async Task SignalAsync(this Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
