using BenchmarkDotNet.Running;
using MixGateway.Benchmarks.Load;

namespace MixGateway.Benchmarks;

/// <summary>
/// <c>gateway [--short] [--against=Key=Value] [--Key=Value …]</c> measures the whole gateway under load, <c>books [--ConnectionStrings:Redis=…]</c>
/// admission and settlement; anything else goes to BenchmarkDotNet, as <c>--filter '*'</c>. docs/performance.md explains them.
/// </summary>
internal static class Program
{
    private const string Short = "--short";
    private const string Against = "--against=";

    public static async Task Main(string[] args)
    {
        switch (args)
        {
            case ["gateway", .. var settings]:
                var plan = settings.Contains(Short) ? LoadPlan.Short : LoadPlan.Full;
                var against = settings.LastOrDefault(static setting => setting.StartsWith(Against, StringComparison.Ordinal));
                await GatewayLoad.RunAsync(plan, [.. settings.Where(setting => setting != Short && setting != against)], against?[Against.Length..]);
                break;
            case [Role.Books, .. var settings]:
                await RoleProcess.RunAsync(Role.Books, settings);
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
