namespace MixGateway.Catalog;

/// <summary>A check that another part of the gateway adds, so that its mistakes are found before an edit is in force.</summary>
internal interface ICatalogRule
{
    /// <summary>
    /// Adds one message for each mistake: the full configuration path, a colon, and what to do; never a secret. The snapshot
    /// may hold stand-ins where other mistakes were found. It must not throw.
    /// </summary>
    void Check(CatalogSnapshot snapshot, ICollection<string> errors);
}
