using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MixGateway.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class TokensAndRedemptionCodes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "account_id",
                table: "audit_entries",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "admin_tokens",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    prefix = table.Column<string>(type: "text", nullable: false),
                    scopes = table.Column<List<string>>(type: "text[]", nullable: false),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    last_used_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_admin_tokens", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "redemption_codes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    batch = table.Column<string>(type: "text", nullable: false),
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    prefix = table.Column<string>(type: "text", nullable: false),
                    amount = table.Column<long>(type: "bigint", nullable: false),
                    note = table.Column<string>(type: "text", nullable: true),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    redeemed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    redeemed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ledger_sequence = table.Column<long>(type: "bigint", nullable: true),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_redemption_codes", x => x.id);
                    table.ForeignKey(
                        name: "fk_redemption_codes_accounts_redeemed_by",
                        column: x => x.redeemed_by,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_account_id_id",
                table: "audit_entries",
                columns: new[] { "account_id", "id" },
                filter: "account_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_actor_id",
                table: "audit_entries",
                columns: new[] { "actor", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_admin_tokens_name",
                table: "admin_tokens",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_admin_tokens_sha256",
                table: "admin_tokens",
                column: "sha256",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_redemption_codes_batch_id",
                table: "redemption_codes",
                columns: new[] { "batch", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_redemption_codes_redeemed_by",
                table: "redemption_codes",
                column: "redeemed_by",
                filter: "redeemed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_redemption_codes_sha256",
                table: "redemption_codes",
                column: "sha256",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "admin_tokens");

            migrationBuilder.DropTable(
                name: "redemption_codes");

            migrationBuilder.DropIndex(
                name: "ix_audit_entries_account_id_id",
                table: "audit_entries");

            migrationBuilder.DropIndex(
                name: "ix_audit_entries_actor_id",
                table: "audit_entries");

            migrationBuilder.DropColumn(
                name: "account_id",
                table: "audit_entries");
        }
    }
}
