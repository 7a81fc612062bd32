namespace MixGateway.IntegrationTests.Sdk;

/// <summary>All classes share one gateway on the embedded database.</summary>
[CollectionDefinition(Name)]
public sealed class SqliteSdkCollection : ICollectionFixture<SqliteSdkGateway>
{
    public const string Name = "SDK on SQLite";
}

/// <summary>All classes share one gateway on PostgreSQL.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresSdkCollection : ICollectionFixture<PostgresSdkGateway>
{
    public const string Name = "SDK on PostgreSQL";
}
