using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MixGateway.Catalog;
using MixGateway.OpenAI;

namespace MixGateway.Routing;

/// <summary>The list of models, rendered once for each revision of the catalog and each restriction of keys.</summary>
internal sealed class RenderedModels
{
    /// <summary>Bytes that the lists of restricted keys may take, for each revision; those beyond are rendered with each request.</summary>
    private const int MostKept = 8 * 1024 * 1024;

    private readonly ConditionalWeakTable<CatalogSnapshot, Revision> _revisions = [];

    /// <param name="entry">Makes an entry of a model.</param>
    public RenderedAnswer Of(CatalogSnapshot catalog, ModelPatterns allowed, Func<ListedModel, OpenAI.ListedModel> entry)
    {
        var revision = _revisions.GetValue(catalog, static _ => new Revision());
        if (allowed.AllowsAll)
        {
            return revision.All(() => Render(catalog, allowed, entry));
        }

        if (revision.Restricted.TryGetValue(allowed.Text, out var kept))
        {
            return kept;
        }

        var rendered = Render(catalog, allowed, entry);
        if (revision.HasRoomFor(rendered.Length))
        {
            revision.Restricted.TryAdd(allowed.Text, rendered);
        }

        return rendered;
    }

    private static RenderedAnswer Render(CatalogSnapshot catalog, ModelPatterns allowed, Func<ListedModel, OpenAI.ListedModel> entry)
    {
        var output = new ArrayBufferWriter<byte>();
        ModelList.Write(output, catalog.Listed(allowed).Select(entry));
        return new RenderedAnswer(output.WrittenSpan.ToArray(), "application/json");
    }

    private sealed class Revision
    {
        private readonly Lock _lock = new();
        private volatile RenderedAnswer? _all;
        private int _kept;

        public ConcurrentDictionary<string, RenderedAnswer> Restricted { get; } = new(StringComparer.Ordinal);

        /// <summary>Rendered by one, while the others wait.</summary>
        public RenderedAnswer All(Func<RenderedAnswer> render)
        {
            if (_all is { } rendered)
            {
                return rendered;
            }

            lock (_lock)
            {
                return _all ??= render();
            }
        }

        public bool HasRoomFor(int bytes) => Interlocked.Add(ref _kept, bytes) <= MostKept;
    }
}
