namespace MixGateway.Console.SignIn;

/// <summary>Stands for the texts of signing in and up.</summary>
internal sealed class SignInTexts
{
    /// <summary>What one of ASP.NET Core Identity's codes means to who typed; the password's rule where it is one of those.</summary>
    public static string KeyOf(string code) => code switch
    {
        "DuplicateEmail" or "DuplicateUserName" => "Error.DuplicateEmail",
        "InvalidEmail" or "InvalidUserName" => "Error.InvalidEmail",
        "InvalidToken" => "Error.InvalidToken",
        _ => "Error.Password",
    };
}
