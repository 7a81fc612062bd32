using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration;
using MixGateway.Authentication;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Has a server of its own, which its tests stop.</summary>
public sealed class StoppableManagementHost : ManagementHost
{
    internal PostgresServer Server { get; private set; } = null!;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Server.DisposeAsync();
    }

    private protected override async Task ConfigureAsync(WebApplicationBuilder builder)
    {
        Server = await PostgresServer.StartNewAsync();
        builder.Configuration["ConnectionStrings:Postgres"] = Server.ConnectionString("postgres");
    }
}

public sealed class DatabaseDownTests(StoppableManagementHost host) : IClassFixture<StoppableManagementHost>
{
    [Fact]
    public async Task Calls_WhileTheDatabaseIsDown_AreUnavailableAndWorkAgainAfterwards()
    {
        var id = await host.Client.CreateAccountAsync();
        await host.Server.StopAsync();

        var read = await host.Client.GetAsync($"/accounts/{id}");
        var change = await host.Client.PostAsync($"/accounts/{id}/credits", """{"amount":1,"idempotencyKey":"again"}""");
        await host.Server.StartAsync();
        var again = change;
        for (var tries = 0; again.Status == HttpStatusCode.ServiceUnavailable && tries < 20; tries++)
        {
            // Each connection of the pool may have to be found dead first.
            again = await host.Client.PostAsync($"/accounts/{id}/credits", """{"amount":1,"idempotencyKey":"again"}""");
        }

        foreach (var answer in new[] { read, change })
        {
            answer.Status.Should().Be(HttpStatusCode.ServiceUnavailable, answer.Text);
            answer.MediaType.Should().Be("application/problem+json");
            answer.Headers.RetryAfter.Should().NotBeNull();
            answer.Text.Should().NotContainAny("Npgsql", "Exception", "127.0.0.1");
        }

        again.Status.Should().Be(HttpStatusCode.Created, again.Text);
        (await host.Client.GetAsync($"/accounts/{id}"))["balance"].Should().Be("1");
    }
}

/// <summary>Something of ours throws after each change of a key.</summary>
public sealed class FailingManagementHost : SqliteManagementHost
{
    public const string Text = "what nobody outside may read";

    private protected override async Task ConfigureAsync(WebApplicationBuilder builder)
    {
        await base.ConfigureAsync(builder);
        builder.Services.AddSingleton<IKeyObserver, ThrowingObserver>();
    }

    private sealed class ThrowingObserver : IKeyObserver
    {
        public void OnKeyChanged(Guid keyId, KeyHash hash) => throw new InvalidOperationException(Text);

        public void OnAccountChanged(Guid accountId)
        {
        }
    }
}

public sealed class InternalErrorTests(FailingManagementHost host) : IClassFixture<FailingManagementHost>
{
    [Fact]
    public async Task Failure_OfOurs_IsProblemWithoutItsText()
    {
        var account = await host.Client.CreateAccountAsync();

        var answer = await host.Client.PostAsync($"/accounts/{account}/keys", """{"name":"k"}""");

        answer.Status.Should().Be(HttpStatusCode.InternalServerError);
        answer.MediaType.Should().Be("application/problem+json");
        answer["requestId"].Should().NotBeNullOrEmpty();
        answer.Text.Should().NotContainAny(FailingManagementHost.Text, "Exception");
        host.Logs.Should().Contain(line => line.Contains(FailingManagementHost.Text));
    }
}
