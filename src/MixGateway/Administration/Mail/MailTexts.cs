namespace MixGateway.Administration.Mail;

/// <summary>What the mails say, in the reader's language; English where it is not Chinese.</summary>
internal static class MailTexts
{
    public static MailText ConfirmAddress(string? language, Uri link) => IsChinese(language)
        ? new("确认您的邮箱地址", $"请打开以下链接，输入注册时设置的密码以确认您的邮箱地址，链接在一天内有效：\n\n{link}\n\n如果您没有注册 MixGateway，请忽略此邮件。\n")
        : new("Confirm your address", $"Open this link within a day and enter the password that you registered with to confirm your address:\n\n{link}\n\nIf you did not register with MixGateway, ignore this email.\n");

    public static MailText AlreadyRegistered(string? language, Uri link) => IsChinese(language)
        ? new("您已有账号", $"有人使用此邮箱地址注册，但该地址已有账号。如果是您本人，请直接登录；忘记密码可在此重置：\n\n{link}\n")
        : new("You have an account already", $"Somebody tried to register with this address, which has an account already. If it was you, sign in; a forgotten password can be set anew here:\n\n{link}\n");

    public static MailText ResetPassword(string? language, Uri link) => IsChinese(language)
        ? new("重置密码", $"请打开以下链接设置新密码，链接在一天内有效：\n\n{link}\n\n如果不是您本人的操作，请忽略此邮件，您的密码不会改变。\n")
        : new("Set a new password", $"Open this link within a day to set a new password:\n\n{link}\n\nIf you did not ask for it, ignore this mail: your password stays as it is.\n");

    /// <param name="keys">Names of the keys that still work.</param>
    public static MailText PasswordWasReset(string? language, IReadOnlyList<string> keys, Uri link)
    {
        var list = string.Concat(keys.Select(static key => $"- {key}\n"));
        return IsChinese(language)
            ? new("您的密码已重置", $"您的 MixGateway 密码已重置。所有会话均已退出，通行密钥和第三方登录已移除。\n\n{(keys.Count == 0 ? "您目前没有可用的 API 密钥。" : $"以下密钥仍然可用，请检查并吊销您不认识的密钥：\n\n{list}\n{link}")}\n\n如果不是您本人的操作，请立即通过“忘记密码”重新设置密码，并联系管理员。\n")
            : new("Your password was reset", $"Your MixGateway password was reset. All sessions were signed out, and passkeys and connected logins were removed.\n\n{(keys.Count == 0 ? "You have no working API keys." : $"These keys still work. Revoke every key that you do not recognize:\n\n{list}\n{link}")}\n\nIf this was not you, reset your password again right away and contact your administrator.\n");
    }

    public static MailText Invitation(string? language, string? account, int days, Uri link) => (IsChinese(language), account) switch
    {
        (true, null) => new("邀请您加入 MixGateway", $"请打开以下链接注册，链接在 {days} 天内有效：\n\n{link}\n"),
        (true, _) => new($"邀请您加入“{account}”", $"请打开以下链接加入 MixGateway 账户“{account}”，链接在 {days} 天内有效：\n\n{link}\n"),
        (false, null) => new("You are invited to MixGateway", $"Open this link within {Days(days)} to register:\n\n{link}\n"),
        (false, _) => new($"You are invited to {account}", $"Open this link within {Days(days)} to join the MixGateway account {account}:\n\n{link}\n"),
    };

    public static MailText LowBalance(string? language, string account, string balance, string threshold, Uri link) => IsChinese(language)
        ? new("余额不足提醒", $"账户“{account}”的余额为 {balance}，已低于 {threshold}。余额用完后调用会被拒绝。可在此充值：\n\n{link}\n")
        : new("Your balance is low", $"The balance of the account {account} is {balance}, below {threshold}. Calls are refused once it is used up. Top up here:\n\n{link}\n");

    private static bool IsChinese(string? language) => language?.StartsWith("zh", StringComparison.OrdinalIgnoreCase) == true;

    private static string Days(int days) => days == 1 ? "a day" : $"{days} days";
}
