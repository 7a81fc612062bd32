using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MixGateway.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Retention : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "retention_marks",
                columns: table => new
                {
                    subject = table.Column<string>(type: "text", nullable: false),
                    before = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_retention_marks", x => x.subject);
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_at",
                table: "audit_entries",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_account_id_sequence",
                table: "ledger_entries",
                columns: new[] { "account_id", "sequence" },
                filter: "kind <> 'usage'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "retention_marks");

            migrationBuilder.DropIndex(
                name: "ix_audit_entries_at",
                table: "audit_entries");

            migrationBuilder.DropIndex(
                name: "ix_ledger_entries_account_id_sequence",
                table: "ledger_entries");
        }
    }
}
