using System.Globalization;
using MixGateway.Administration;
using MixGateway.Console.Languages;

namespace MixGateway.Console.Administration;

/// <summary>Stands for the texts of the administrators' pages.</summary>
internal sealed class AdminTexts
{
    /// <summary>A refusal in the reader's language. In English it is told as the use case words it, which is more exact.</summary>
    public static string Of(Texts<AdminTexts> texts, Refusal refusal)
    {
        if (refusal.Errors is { } errors)
        {
            var fields = Language.IsChinese(CultureInfo.CurrentUICulture.Name) ? string.Join('、', errors.ByField.Keys) : string.Join(' ', errors.ByField.Select(static error => $"{error.Key}: {error.Value}"));
            return texts["Refused.Invalid", fields];
        }

        return Language.IsChinese(CultureInfo.CurrentUICulture.Name) ? texts[$"Refused.{refusal.Reason}"] : refusal.Detail;
    }
}
