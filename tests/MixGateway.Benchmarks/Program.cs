using BenchmarkDotNet.Running;
using MixGateway.Benchmarks.Load;

namespace MixGateway.Benchmarks;

/// <summary>
/// <c>gateway [--short] [--Key=Value …]</c> measures the whole gateway under load; anything else goes to BenchmarkDotNet, as
/// <c>--filter '*'</c>. docs/performance.md explains both.
/// </summary>
internal static class Program
{
    private const string Short = "--short";

    public static async Task Main(string[] args)
    {
        switch (args)
        {
            case ["gateway", .. var settings]:
                var plan = settings.Contains(Short) ? LoadPlan.Short : LoadPlan.Full;
                await GatewayLoad.RunAsync(plan, [.. settings.Where(static setting => setting != Short)]);
                break;
            case [RoleProcess.Command, var role, .. var settings]:
                await Role.ServeAsync(role, settings);
                break;
            default:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
                break;
        }
    }
}
