using Microsoft.AspNetCore.Http;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class RequestBodyTests
{
    private const int Whole = 2 * RequestBody.SampleLength;

    private static readonly byte[] Bytes = new byte[Whole];

    [Fact]
    public async Task KeepSample_GivesBackAllButTheSample()
    {
        var budget = new BufferBudget(Whole);
        var (result, body) = await ReadAsync(budget);
        result.Should().Be(BodyReadResult.Read);
        budget.Used.Should().Be(Whole);
        body.KeepSample();
        (body.Length, budget.Used).Should().Be((RequestBody.SampleLength, RequestBody.SampleLength));
        body.Dispose();
        budget.Used.Should().Be(0);
    }

    [Fact]
    public async Task KeepSample_WhileOthersAskForWhatItGivesBack_GivesBackNoMoreThanWasTaken()
    {
        var budget = new BufferBudget(Whole);
        using var ended = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                if (budget.TryTake(Whole))
                {
                    budget.Return(Whole);
                }
            }
        });
        for (var i = 0; i < 5000; i++)
        {
            var (result, body) = await ReadAsync(budget);
            if (result == BodyReadResult.Read)
            {
                body.KeepSample();
            }

            body.Dispose();
        }

        await ended.CancelAsync();
        await others;
        budget.Used.Should().Be(0);
    }

    private static async Task<(BodyReadResult Result, RequestBody Body)> ReadAsync(BufferBudget budget)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(Bytes);
        context.Request.ContentLength = Whole;
        return await RequestBody.ReadAsync(context.Request, Whole, budget, CancellationToken.None);
    }
}
