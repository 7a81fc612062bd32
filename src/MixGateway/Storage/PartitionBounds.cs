namespace MixGateway.Storage;

/// <summary>The partitions that are attached to <c>usage_records</c> on PostgreSQL now, as its own catalog has them.</summary>
internal static class PartitionBounds
{
    /// <summary>
    /// Gives <c>name</c> (as SQL writes it), <c>since</c> and <c>until</c>, null for no bound. The default partition has no bounds and is left out,
    /// and so is one that is just being detached.
    /// </summary>
    public const string Query =
        """
        SELECT name,
            (regexp_match(bound, 'FROM \(''([^'']+)''\)'))[1]::timestamptz AS since,
            (regexp_match(bound, 'TO \(''([^'']+)''\)'))[1]::timestamptz AS until
        FROM (
            SELECT inhrelid::regclass::text AS name, pg_get_expr(relpartbound, pg_class.oid) AS bound
            FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'usage_records'::regclass AND NOT inhdetachpending
        ) AS partitions WHERE bound LIKE 'FOR VALUES%'
        """;
}
