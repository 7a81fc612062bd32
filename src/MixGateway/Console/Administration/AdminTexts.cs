namespace MixGateway.Console.Administration;

/// <summary>Stands for the texts of the administrators' pages.</summary>
internal sealed class AdminTexts;
