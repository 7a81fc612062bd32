using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MixGateway.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SpendSums : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "usage_spend",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key_id = table.Column<Guid>(type: "uuid", nullable: false),
                    period = table.Column<string>(type: "text", nullable: false),
                    charged = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_spend", x => new { x.account_id, x.key_id, x.period });
                });

            // Nobody books between the sums and the triggers.
            migrationBuilder.Sql("LOCK TABLE usage_daily IN SHARE ROW EXCLUSIVE MODE;");
            migrationBuilder.Sql(Sums("usage_daily") + ";");
            migrationBuilder.Sql(
                $"""
                CREATE FUNCTION usage_daily_spend() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'INSERT' THEN
                        {Added("added")};
                    ELSIF TG_OP = 'UPDATE' THEN
                        {Added("(SELECT account_id, key_id, day, charged FROM added UNION ALL SELECT account_id, key_id, day, -charged FROM removed)")};
                    ELSE
                        {Added("(SELECT account_id, key_id, day, -charged AS charged FROM removed)")};
                    END IF;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER usage_daily_added AFTER INSERT ON usage_daily
                    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION usage_daily_spend();
                CREATE TRIGGER usage_daily_changed AFTER UPDATE ON usage_daily
                    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION usage_daily_spend();
                CREATE TRIGGER usage_daily_removed AFTER DELETE ON usage_daily
                    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION usage_daily_spend();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP TRIGGER usage_daily_added ON usage_daily;
                DROP TRIGGER usage_daily_changed ON usage_daily;
                DROP TRIGGER usage_daily_removed ON usage_daily;
                DROP FUNCTION usage_daily_spend();
                """);
            migrationBuilder.DropTable(
                name: "usage_spend");
        }

        /// <summary>For the key and, under the empty id, for the account; in all, in the month and on the day.</summary>
        private static string Sums(string days) =>
            $"""
            INSERT INTO usage_spend (account_id, key_id, period, charged)
            SELECT days.account_id, who.key_id, whole.period, sum(days.charged)
            FROM {days} AS days
            CROSS JOIN LATERAL (VALUES (days.key_id), ('00000000-0000-0000-0000-000000000000'::uuid)) AS who (key_id)
            CROSS JOIN LATERAL (VALUES (''), (to_char(days.day, 'YYYY-MM')), (to_char(days.day, 'YYYY-MM-DD'))) AS whole (period)
            GROUP BY 1, 2, 3 HAVING sum(days.charged) <> 0 ORDER BY 1, 2, 3
            """;

        private static string Added(string days) =>
            Sums(days) + " ON CONFLICT (account_id, key_id, period) DO UPDATE SET charged = usage_spend.charged + EXCLUDED.charged";
    }
}
