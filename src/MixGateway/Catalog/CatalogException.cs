using System.Collections.Immutable;

namespace MixGateway.Catalog;

/// <summary>The configuration at start does not make a catalog; the message holds every mistake, one a line.</summary>
internal sealed class CatalogException(ImmutableArray<string> errors)
    : Exception($"The configuration of providers and models is not valid:{string.Concat(errors.Select(error => $"\n  {error}"))}")
{
    public ImmutableArray<string> Errors { get; } = errors;
}
