namespace MixGateway.Storage;

/// <summary>
/// The gateway cannot use one of its stores, and says in one line which setting to look at. The message never holds a password, and
/// there is no inner exception, whose text might: the process prints the message and exits with 1.
/// </summary>
/// <param name="mayPass">The store is only away: the same may succeed in a moment.</param>
internal sealed class DatabaseRefusedException(string message, bool mayPass = false) : Exception(message)
{
    public bool MayPass => mayPass;
}
