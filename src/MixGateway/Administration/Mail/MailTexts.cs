namespace MixGateway.Administration.Mail;

/// <summary>What the mails say, in the reader's language; English where it is not Chinese.</summary>
internal static class MailTexts
{
    public static MailText ConfirmAddress(string? language, Uri link) => IsChinese(language)
        ? new("确认您的邮箱地址", $"请打开以下链接确认您的邮箱地址：\n\n{link}\n\n如果您没有注册 MixGateway，请忽略此邮件。\n")
        : new("Confirm your address", $"Open this link to confirm your address:\n\n{link}\n\nIf you did not register with MixGateway, ignore this mail.\n");

    public static MailText AlreadyRegistered(string? language, Uri link) => IsChinese(language)
        ? new("您已有账号", $"有人使用此邮箱地址注册，但该地址已有账号。如果是您本人，请直接登录；忘记密码可在此重置：\n\n{link}\n")
        : new("You have an account already", $"Somebody tried to register with this address, which has an account already. If it was you, sign in; a forgotten password can be set anew here:\n\n{link}\n");

    public static MailText ResetPassword(string? language, Uri link) => IsChinese(language)
        ? new("重置密码", $"请打开以下链接设置新密码，链接在一天内有效：\n\n{link}\n\n如果不是您本人的操作，请忽略此邮件，您的密码不会改变。\n")
        : new("Set a new password", $"Open this link within a day to set a new password:\n\n{link}\n\nIf you did not ask for it, ignore this mail: your password stays as it is.\n");

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
