using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MixGateway.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class CallTimingsAndPurchases : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "admission_ms",
                table: "usage_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "purchase_cost",
                table: "usage_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "settlement_ms",
                table: "usage_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "purchase_charged",
                table: "usage_daily",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "purchase_cost",
                table: "usage_daily",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "admission_ms",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "purchase_cost",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "settlement_ms",
                table: "usage_records");

            migrationBuilder.DropColumn(
                name: "purchase_charged",
                table: "usage_daily");

            migrationBuilder.DropColumn(
                name: "purchase_cost",
                table: "usage_daily");
        }
    }
}
