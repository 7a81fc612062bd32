namespace MixGateway.Console.Languages;

/// <summary>Stands for the texts that every page may use.</summary>
internal sealed class SharedTexts;
