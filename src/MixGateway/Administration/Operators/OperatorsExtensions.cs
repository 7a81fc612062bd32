using MixGateway.Forwarding;

namespace MixGateway.Administration.Operators;

/// <summary>What administrators who are signed in may do; each use case asks the guard first.</summary>
internal static class OperatorsExtensions
{
    /// <summary>Needs the users and the rest of the administration.</summary>
    public static void AddOperators(this IServiceCollection services)
    {
        services.AddSingleton<BillingCurrency>();
        services.AddSingleton<DisplayNames>();
        services.AddSingleton<ModelTester>();
        services.AddSingleton<OperatorAccounts>();
        services.AddSingleton<OperatorAudit>();
        services.AddSingleton<OperatorCalls>();
        services.AddSingleton<OperatorInvitations>();
        services.AddSingleton<OperatorMargin>();
        services.AddSingleton<OperatorOverview>();
        services.AddSingleton<OperatorProviders>();
        services.AddSingleton<OperatorReconciliation>();
        services.AddSingleton<OperatorTokens>();
        services.AddSingleton<OperatorUsage>();
        services.AddSingleton<OperatorUsers>();
    }
}
