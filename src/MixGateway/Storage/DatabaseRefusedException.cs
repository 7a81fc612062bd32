namespace MixGateway.Storage;

/// <summary>
/// The gateway cannot use its database, and says in one line which setting to look at. The message never holds a password, and
/// there is no inner exception, whose text might: the process prints the message and exits with 1.
/// </summary>
internal sealed class DatabaseRefusedException(string message) : Exception(message);
