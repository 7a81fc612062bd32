using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace MixGateway.Storage.Configurations;

/// <summary>Keeps an enum as its name in lower case: readable with any tool, and the word that the API uses.</summary>
internal sealed class LowerCaseEnum<T>() : ValueConverter<T, string>(
    value => value.ToString().ToLowerInvariant(),
    text => Enum.Parse<T>(text, true))
    where T : struct, Enum;
