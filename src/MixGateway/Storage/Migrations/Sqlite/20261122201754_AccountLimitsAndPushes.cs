using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MixGateway.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class AccountLimitsAndPushes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "changed_version",
                table: "api_keys",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "changed_version",
                table: "accounts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "max_concurrent",
                table: "accounts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "pushed_version",
                table: "accounts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "requests_per_minute",
                table: "accounts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "spend_limit_nanos",
                table: "accounts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "spend_limit_period",
                table: "accounts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "tokens_per_minute",
                table: "accounts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_id",
                table: "ledger_entries",
                column: "id",
                unique: true,
                filter: "kind = 'adjustment'");

            migrationBuilder.CreateIndex(
                name: "ix_accounts_unpushed",
                table: "accounts",
                column: "id",
                filter: "pushed_version < changed_version");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_ledger_entries_id",
                table: "ledger_entries");

            migrationBuilder.DropIndex(
                name: "ix_accounts_unpushed",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "changed_version",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "changed_version",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "max_concurrent",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "pushed_version",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "requests_per_minute",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "spend_limit_nanos",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "spend_limit_period",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "tokens_per_minute",
                table: "accounts");
        }
    }
}
