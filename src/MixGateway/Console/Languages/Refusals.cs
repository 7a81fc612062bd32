using System.Globalization;
using MixGateway.Administration;

namespace MixGateway.Console.Languages;

/// <summary>A use case's refusal in the reader's language. In English it is told as the use case words it, which is more exact.</summary>
internal static class Refusals
{
    private static readonly Texts<SharedTexts> Words = new();

    public static string Of(Refusal refusal)
    {
        var isChinese = Language.IsChinese(CultureInfo.CurrentUICulture.Name);
        if (refusal.Errors is { } errors)
        {
            return Words["Refused.Invalid", isChinese
                ? string.Join('、', errors.ByField.Keys.Select(static field => NameOf(field)).Distinct())
                : string.Join(' ', errors.ByField.Select(static error => $"{NameOf(error.Key)}: {error.Value}"))];
        }

        return isChinese ? Words[$"Refused.{refusal.Reason}"] : refusal.Detail;
    }

    /// <summary>A field of a list is refused as <c>models[2]</c>, a part of one as <c>spendLimit.amount</c>.</summary>
    private static string NameOf(string field) => Words.Find($"Field.{field.Split('[', '.')[0]}") ?? field;
}
