namespace MixGateway.Console;

/// <summary>The console's addresses that more than one place has to know.</summary>
internal static class ConsolePaths
{
    public const string Root = "/dashboard";
    public const string Assets = Root + "/assets";
    public const string SignIn = Root + "/sign-in";
    public const string SignUp = Root + "/sign-up";
    public const string TwoFactor = Root + "/sign-in/code";
    public const string RecoveryCode = Root + "/sign-in/recovery";
    public const string ForgotPassword = Root + "/forgot-password";
    public const string ResetPassword = Root + "/reset-password";
    public const string ConfirmEmail = Root + "/confirm-email";
    public const string Invitation = Root + "/invitation";
    public const string External = Root + "/sign-in/external";
    public const string Profile = Root + "/profile";
    public const string ProfilePasskeys = Profile + "/passkeys";
    public const string ProfileLogin = Profile + "/login";
    public const string ReviewKeys = Root + "/keys?review=true";
    public const string Denied = Root + "/denied";
    public const string Models = "/models";

    /// <summary>True for every path that is the console's.</summary>
    public static bool Has(PathString path) =>
        path.StartsWithSegments(Root) || path.StartsWithSegments(Models);

    /// <summary>The sign-in page with what went wrong elsewhere.</summary>
    /// <param name="error">The end of a text's key that begins with <c>External.</c></param>
    public static string SignInError(string error) => $"{SignIn}?error={error}";

    /// <summary>A path of this host to go on to; the console's root where it is anything else. Browsers read <c>\</c> as <c>/</c> and skip control characters.</summary>
    public static string Local(string? returnUrl) =>
        returnUrl is "/" or ['/', not ('/' or '\\'), ..] && !returnUrl.Contains('\\', StringComparison.Ordinal) && !returnUrl.Any(char.IsControl) ? returnUrl : Root;
}
