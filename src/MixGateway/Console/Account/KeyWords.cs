using MixGateway.Administration;
using MixGateway.Console.Languages;
using MixGateway.Console.Ui;

namespace MixGateway.Console.Account;

/// <summary>A key in words.</summary>
internal static class KeyWords
{
    private const int MostNamed = 2;

    public static string BadgeOf(KeyStatus status) => status switch
    {
        KeyStatus.Active => "good",
        KeyStatus.Revoked => "bad",
        _ => "warn",
    };

    /// <summary>Empty where there are none.</summary>
    public static string Limits(Key key, Texts<AccountTexts> texts, string currency)
    {
        List<string> words = [];
        if (key.SpendLimit is { } spend)
        {
            words.Add(texts["Limit.Spend", Amounts.Short(spend.Amount, currency), texts[$"Period.{spend.Period}"]]);
        }

        if (key.RequestsPerMinute is { } requests)
        {
            words.Add(texts["Limit.Requests", Amounts.Brief(requests)]);
        }

        if (key.TokensPerMinute is { } tokens)
        {
            words.Add(texts["Limit.Tokens", Amounts.Brief(tokens)]);
        }

        if (key.MaxConcurrent is { } concurrent)
        {
            words.Add(texts["Limit.Concurrent", concurrent]);
        }

        if (key.Models is { } models)
        {
            words.Add(Shortly(models, texts, "Limit.Models"));
        }

        if (key.AllowedAddresses is { } addresses)
        {
            words.Add(Shortly(addresses, texts, "Limit.Addresses"));
        }

        return string.Join(" · ", words);
    }

    /// <summary>What there are few of is named.</summary>
    private static string Shortly(IReadOnlyList<string> values, Texts<AccountTexts> texts, string many) =>
        values.Count > MostNamed ? texts[many, values.Count] : string.Join(", ", values);
}
