using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MixGateway.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class FormsAndBounds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "confirmed_at",
                table: "user_sessions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "bounded_actions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    subject = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_bounded_actions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sent_forms",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    expires_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    location = table.Column<string>(type: "TEXT", nullable: true),
                    page = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sent_forms", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_bounded_actions_at",
                table: "bounded_actions",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_bounded_actions_kind_subject_at",
                table: "bounded_actions",
                columns: new[] { "kind", "subject", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_sent_forms_expires_at",
                table: "sent_forms",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "bounded_actions");

            migrationBuilder.DropTable(
                name: "sent_forms");

            migrationBuilder.DropColumn(
                name: "confirmed_at",
                table: "user_sessions");
        }
    }
}
