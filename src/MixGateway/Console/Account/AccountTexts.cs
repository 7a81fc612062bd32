namespace MixGateway.Console.Account;

/// <summary>Stands for the texts of the account's pages.</summary>
internal sealed class AccountTexts;
