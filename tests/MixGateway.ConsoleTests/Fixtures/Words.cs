using System.Globalization;
using MixGateway.Console.Account;
using MixGateway.Console.Administration;
using MixGateway.Console.Billing;
using MixGateway.Console.Languages;

namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>The console's texts as a reader of a language sees them, so that one test walks through both.</summary>
/// <param name="locale">What the reader's browser asks for.</param>
internal sealed class Words(string locale)
{
    public string Account(string key, params object?[] values) => Read<AccountTexts>(key, values);

    public string Admin(string key, params object?[] values) => Read<AdminTexts>(key, values);

    public string Billing(string key, params object?[] values) => Read<BillingTexts>(key, values);

    private string Read<TArea>(string key, object?[] values)
    {
        var before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        var culture = CultureInfo.GetCultureInfo(Language.IsChinese(locale) ? Language.Chinese : Language.English);
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, culture);
        try
        {
            return values.Length == 0 ? new Texts<TArea>()[key] : new Texts<TArea>()[key, values];
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
        }
    }
}
