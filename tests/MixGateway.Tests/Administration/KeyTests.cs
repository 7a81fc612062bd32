using MixGateway.Administration;
using MixGateway.Storage;

namespace MixGateway.Tests.Administration;

public sealed class KeyTests
{
    private static readonly DateTime Now = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(ApiKeyStatus.Active, null, KeyStatus.Active)]
    [InlineData(ApiKeyStatus.Active, 1, KeyStatus.Active)]
    [InlineData(ApiKeyStatus.Active, 0, KeyStatus.Expired)]
    [InlineData(ApiKeyStatus.Active, -1, KeyStatus.Expired)]
    [InlineData(ApiKeyStatus.Revoked, null, KeyStatus.Revoked)]
    [InlineData(ApiKeyStatus.Revoked, -1, KeyStatus.Revoked)]
    internal void Status_IsReadFromRowAndTime(ApiKeyStatus stored, int? expiresInSeconds, KeyStatus expected)
    {
        var row = Row(stored, expiresInSeconds is { } seconds ? Now.AddSeconds(seconds) : null);

        Key.Of(row, Now).Status.Should().Be(expected);
    }

    [Fact]
    public void CreatedKey_AsText_HoldsNoSecret() =>
        new CreatedKey(Key.Of(Row(ApiKeyStatus.Active, null), Now), "sk-secret").ToString().Should().NotContain("sk-secret");

    private static ApiKeyRow Row(ApiKeyStatus status, DateTime? expiresAt) => new()
    {
        Id = Guid.CreateVersion7(),
        AccountId = Guid.CreateVersion7(),
        Name = "Key",
        Sha256 = new byte[32],
        Prefix = "sk-abcd…wxyz",
        Status = status,
        ExpiresAt = expiresAt,
        CreatedAt = Now.AddDays(-1),
    };
}
