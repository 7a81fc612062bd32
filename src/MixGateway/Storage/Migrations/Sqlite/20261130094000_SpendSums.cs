using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MixGateway.Storage.Migrations.Sqlite
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
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    key_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    period = table.Column<string>(type: "TEXT", nullable: false),
                    charged = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_usage_spend", x => new { x.account_id, x.key_id, x.period });
                    table.CheckConstraint("ck_usage_spend_integers", "typeof(charged) = 'integer'");
                });

            migrationBuilder.Sql(
                """
                INSERT INTO usage_spend (account_id, key_id, period, charged)
                SELECT account_id, who, period, sum(charged) FROM (
                    SELECT account_id, key_id AS who, '' AS period, charged FROM usage_daily
                    UNION ALL SELECT account_id, '00000000-0000-0000-0000-000000000000', '', charged FROM usage_daily
                    UNION ALL SELECT account_id, key_id, substr(day, 1, 7), charged FROM usage_daily
                    UNION ALL SELECT account_id, '00000000-0000-0000-0000-000000000000', substr(day, 1, 7), charged FROM usage_daily
                    UNION ALL SELECT account_id, key_id, day, charged FROM usage_daily
                    UNION ALL SELECT account_id, '00000000-0000-0000-0000-000000000000', day, charged FROM usage_daily
                ) AS parts GROUP BY account_id, who, period;
                """);
            migrationBuilder.Sql(Trigger("added", "INSERT", "NEW", "NEW.charged"));
            migrationBuilder.Sql(Trigger("changed", "UPDATE OF charged", "NEW", "(NEW.charged - OLD.charged)"));
            migrationBuilder.Sql(Trigger("removed", "DELETE", "OLD", "-OLD.charged"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER usage_daily_added; DROP TRIGGER usage_daily_changed; DROP TRIGGER usage_daily_removed;");
            migrationBuilder.DropTable(
                name: "usage_spend");
        }

        /// <summary>For the key and, under the empty id, for the account; in all, in the month and on the day.</summary>
        private static string Trigger(string name, string on, string row, string change) =>
            $"""
            CREATE TRIGGER usage_daily_{name} AFTER {on} ON usage_daily WHEN {change} <> 0 BEGIN
                INSERT INTO usage_spend (account_id, key_id, period, charged) VALUES
                    ({row}.account_id, {row}.key_id, '', {change}),
                    ({row}.account_id, '00000000-0000-0000-0000-000000000000', '', {change}),
                    ({row}.account_id, {row}.key_id, substr({row}.day, 1, 7), {change}),
                    ({row}.account_id, '00000000-0000-0000-0000-000000000000', substr({row}.day, 1, 7), {change}),
                    ({row}.account_id, {row}.key_id, {row}.day, {change}),
                    ({row}.account_id, '00000000-0000-0000-0000-000000000000', {row}.day, {change})
                ON CONFLICT (account_id, key_id, period) DO UPDATE SET charged = charged + excluded.charged;
            END;
            """;
    }
}
