namespace MixGateway.Console.Administration;

/// <summary>The addresses of the administrators' pages.</summary>
internal static class AdminPaths
{
    public const string Root = ConsolePaths.Root + "/admin";
    public const string Calls = Root + "/calls";
    public const string Accounts = Root + "/accounts";
    public const string Users = Root + "/users";
    public const string Invitations = Users + "/invitations";
    public const string Providers = Root + "/providers";
    public const string Catalog = Root + "/catalog";
    public const string Usage = Root + "/usage";
    public const string Margin = Root + "/margin";
    public const string UsageCsv = Root + "/usage.csv";
    public const string Audit = Root + "/audit";
    public const string Reconciliation = Root + "/reconciliation";
    public const string Tokens = Root + "/tokens";
}
