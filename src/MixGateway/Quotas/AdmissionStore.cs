using MixGateway.Usage;

namespace MixGateway.Quotas;

/// <summary>The stores as the admission of a call sees them. None of the steps throws for a store that does not answer.</summary>
internal interface IAdmissionStore
{
    /// <summary>Asks the hot store whether a call may run.</summary>
    ValueTask<Admission> AdmitAsync(AdmissionRequest request);

    /// <summary>Reads an account and some of its keys from the database and tells the hot store. False if that is not possible now.</summary>
    Task<bool> InstallAsync(Guid accountId, IReadOnlyCollection<Guid> keyIds);

    /// <summary>Reads an account again that was refused for its balance. True if there may be news, so that it makes sense to ask again.</summary>
    ValueTask<bool> RefreshAsync(Guid accountId);
}

/// <inheritdoc/>
internal sealed class AdmissionStore(CallStore calls, AccountInstaller installer, AccountRefresher refresher) : IAdmissionStore
{
    /// <inheritdoc/>
    public ValueTask<Admission> AdmitAsync(AdmissionRequest request) => calls.AdmitAsync(request);

    /// <inheritdoc/>
    public Task<bool> InstallAsync(Guid accountId, IReadOnlyCollection<Guid> keyIds) => installer.InstallAsync(accountId, keyIds);

    /// <inheritdoc/>
    public ValueTask<bool> RefreshAsync(Guid accountId) => refresher.RefreshAsync(accountId);
}
