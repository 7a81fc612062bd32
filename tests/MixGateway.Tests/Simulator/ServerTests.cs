using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Simulator;

namespace MixGateway.Tests.Simulator;

public sealed class ServerTests
{
    [Fact]
    public async Task State_OfARequest_HasAllOfIt()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();
        client.Http.DefaultRequestHeaders.Add("x-mark", "7");
        string body = SimulatorClient.Chat("s", """,  "seed": 1e0""");

        using HttpResponseMessage response = await client.PostAsync(body, "chat/completions?a=b");

        ReceivedRequest request = client.State.LastRequest;
        request.Method.Should().Be("POST");
        request.Path.Should().Be("/v1/chat/completions?a=b");
        request.Protocol.Should().Be("HTTP/1.1");
        request.Text.Should().Be(body);
        request.Header("X-Mark").Should().Be("7");
        request.Header("x-none").Should().BeNull();
    }

    [Fact]
    public async Task State_KeepsOnlyTheLastRequests()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync(new() { RecordedRequests = 2 });

        foreach (string model in new[] { "a", "b", "c" })
        {
            using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Chat(model));
        }

        client.State.Requests.Select(request => request.Text).Should().Equal(SimulatorClient.Chat("b"), SimulatorClient.Chat("c"));
    }

    [Fact]
    public async Task State_WhenAnAnswerWasRead_HasCountedIt()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        for (int i = 1; i <= 20; i++)
        {
            await client.PostForJsonAsync(SimulatorClient.Chat("s"));
            await client.PostForEventsAsync(SimulatorClient.Stream("s"));

            client.State.ToString().Should().Be($"calls {2 * i}, completions {2 * i}, failures 0, cuts 0, aborts 0, in flight 0");
        }
    }

    [Theory]
    [InlineData("s+hang=1", false)]
    [InlineData("s+first=600000", false)]
    [InlineData("s+chunks=1000000+delay=1", true)]
    [InlineData("s+chunks=1000000", true)]
    [InlineData("s+stall=1:600000", true)]
    public async Task State_CallerLeaves_CountsAnAbort(string model, bool answers)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();
        using var leaving = new CancellationTokenSource();

        Task<HttpResponseMessage> call = client.PostAsync(SimulatorClient.Stream(model), cancellationToken: leaving.Token);
        await client.State.WaitForAsync(state => state.Requests.Count == 1, SimulatorClient.Patience);
        if (answers)
        {
            (await call).Dispose();
        }
        else
        {
            await leaving.CancelAsync();
        }

        await client.State.WaitForAsync(state => state is { Aborts: 1, InFlight: 0, Completions: 0 }, SimulatorClient.Patience);
    }

    [Fact]
    public async Task State_BodyBreaksOff_CountsAnAbort()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();
        using (Socket socket = await client.ConnectAsync())
        {
            await socket.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: s\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
            await client.State.WaitForAsync(state => state.InFlight == 1, SimulatorClient.Patience);
        }

        await client.State.WaitForAsync(state => state is { Aborts: 1, InFlight: 0 }, SimulatorClient.Patience);
    }

    [Fact]
    public async Task WaitFor_WhatDoesNotHappen_TimesOutWithTheCounters()
    {
        var state = new SimulatorState();

        Func<Task> wait = () => state.WaitForAsync(_ => false, TimeSpan.FromMilliseconds(1));

        (await wait.Should().ThrowAsync<TimeoutException>()).WithMessage("*calls 0, completions 0*");
    }

    [Fact]
    public async Task State_OverHttp_IsReadAndReset()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();
        await client.PostForJsonAsync(SimulatorClient.Chat("s+chunks=2"));
        var root = new Uri(client.Server.BaseAddress, "/");

        string before = await client.Http.GetStringAsync(new Uri(root, "_simulator/state"));
        using HttpResponseMessage reset = await client.Http.PostAsync(new Uri(root, "_simulator/reset"), null);
        string after = await client.Http.GetStringAsync(new Uri(root, "_simulator/state"));

        before.Should().Be("""{"calls":1,"completions":1,"failures":0,"cuts":0,"aborts":0,"inFlight":0,"models":{"s\u002Bchunks=2":1}}""");
        after.Should().Be("""{"calls":0,"completions":0,"failures":0,"cuts":0,"aborts":0,"inFlight":0,"models":{}}""");
        client.State.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Models_AreListed_AndAnotherPathIsNot()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using var models = JsonDocument.Parse(await client.Http.GetStringAsync(client.Server.BaseAddress + "/models"));
        using HttpResponseMessage unknown = await client.PostAsync("{}", "responses");

        models.RootElement.GetProperty("data")[0].GetProperty("id").GetString().Should().Be("echo");
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        client.State.Calls.Should().Be(0);
        client.State.LastRequest.Path.Should().Be("/v1/responses");
    }

    [Theory]
    [InlineData("""{"model":"e+dims=3","input":"two words"}""", 1, 3, 2)]
    [InlineData("""{"model":"e","input":["two words","one"]}""", 2, 8, 3)]
    [InlineData("""{"model":"e","input":[5,6,7],"dimensions":4}""", 1, 4, 3)]
    [InlineData("""{"model":"e+prompt=9","input":[[5],[6,7]]}""", 2, 8, 9)]
    public async Task Embeddings_OfAnyInput_AreVectorsWithUsage(string body, int vectors, int dimensions, int tokens)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement answer = await client.PostForJsonAsync(body, "embeddings");

        answer.EnumerateObject().Select(member => member.Name).Should().Equal("object", "data", "model", "usage");
        answer.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("embedding").GetArrayLength())
            .Should().HaveCount(vectors).And.OnlyContain(length => length == dimensions);
        answer.GetProperty("usage").GetRawText().Should().Be($$"""{"prompt_tokens":{{tokens}},"total_tokens":{{tokens}}}""");
    }

    [Fact]
    public async Task Embeddings_AsBase64_AreTheSameVectors()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        JsonElement numbers = await client.PostForJsonAsync("""{"model":"e","input":"x"}""", "embeddings");
        JsonElement base64 = await client.PostForJsonAsync("""{"model":"e","input":"x","encoding_format":"base64"}""", "embeddings");

        byte[] bytes = base64.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, i * 4))
            .Should().Equal(numbers.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(item => item.GetSingle()));
    }

    [Theory]
    [InlineData(31_000_000)]
    [InlineData(0)]
    public async Task Request_OfAnySize_IsTaken(int padding)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync(new() { RecordedRequests = 1 });
        string body = SimulatorClient.Chat("s", "", new string('x', padding));

        await client.PostForJsonAsync(body);

        client.State.LastRequest.Body.Length.Should().Be(Encoding.UTF8.GetByteCount(body));
    }

    [Fact]
    public async Task Server_Disposed_BreaksOffRunningCalls()
    {
        SimulatorClient client = await SimulatorClient.StartAsync();
        Task<string> hanging = client.ExchangeRawAsync(SimulatorClient.Chat("s+hang=1"));
        await client.State.WaitForAsync(state => state.InFlight == 1, SimulatorClient.Patience);

        await client.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));

        Func<Task> end = () => hanging.WaitAsync(SimulatorClient.Patience);
        await end.Should().NotThrowAsync<TimeoutException>();
    }

    [Fact]
    public async Task Map_InAnotherApplication_AnswersUnderThePrefix()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1));
        await using WebApplication application = builder.Build();
        application.UseRouting();
        application.MapSimulator("/demo");
        await application.StartAsync();
        using var http = new HttpClient();

        using HttpResponseMessage response = await http.PostAsync(
            application.Urls.Single() + "/demo/v1/chat/completions", new StringContent(SimulatorClient.Chat("echo", text: "hi"), Encoding.UTF8, "application/json"));

        (await response.Content.ReadAsStringAsync()).Should().Contain("\"content\":\"hi\"");
    }
}
