using Microsoft.Extensions.Hosting;
using MixGateway.Hosting;

namespace MixGateway.Tests.Hosting;

public sealed class ExitCodeTests
{
    [Fact]
    public async Task Host_StoppedByAServiceThatFailed_DoesNotEndWithZero()
    {
        using var fine = new Service(static _ => Task.CompletedTask);
        using var failed = new Service(static _ => throw new InvalidOperationException("a bug"));
        using var cancelled = new Service(static stopping => Task.Delay(Timeout.Infinite, stopping));
        foreach (var service in new[] { fine, failed, cancelled })
        {
            await FluentActions.Awaiting(() => service.StartAsync(CancellationToken.None)).Should().NotThrowAsync();
        }

        await cancelled.StopAsync(CancellationToken.None);
        await FluentActions.Awaiting(() => failed.ExecuteTask!).Should().ThrowAsync<InvalidOperationException>();

        Startup.ExitCodeOf([fine, cancelled]).Should().Be(0);
        Startup.ExitCodeOf([fine, failed, cancelled]).Should().Be(2);
    }

    private sealed class Service(Func<CancellationToken, Task> work) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            await work(stoppingToken);
        }
    }
}
