namespace MixGateway.Usage.Retention;

/// <summary>Clears old usage records in the way of the database.</summary>
internal interface IExpiredRecords
{
    /// <summary>Clears what started before the time, which is the first of a month. What is locked now is left for the next time.</summary>
    /// <returns>False if something was left.</returns>
    Task<bool> ClearAsync(DateTime before, CancellationToken cancellationToken);
}
