namespace MixGateway.Console.Billing;

/// <summary>Stands for the texts of the pages about money.</summary>
internal sealed class BillingTexts;
