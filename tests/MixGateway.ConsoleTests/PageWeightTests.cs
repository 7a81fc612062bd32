using System.Text.Json;
using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests;

/// <summary>What a first visit costs, with nothing in the browser's cache.</summary>
public sealed class PageWeightTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const double MostBytes = 250_000;

    [Theory]
    [InlineData("/dashboard/sign-in")]
    [InlineData("/models")]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/playground")]
    public async Task FirstVisit_OfAPage_StaysBelow250KilobytesFromThisHostAlone(string path)
    {
        await using var owner = await Visitor.OpenAsync(shared.Gateway);
        await owner.RegisterAsync();
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        if (path is not ("/dashboard/sign-in" or "/models"))
        {
            await visitor.Page.Context.AddCookiesAsync((await owner.Page.Context.CookiesAsync()).Select(static cookie =>
                new Cookie { Name = cookie.Name, Value = cookie.Value, Domain = cookie.Domain, Path = cookie.Path }));
        }

        var session = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        await session.SendAsync("Network.enable");
        List<double> sizes = [];
        session.Event("Network.loadingFinished").OnEvent += (_, finished) => sizes.Add(finished!.Value.GetProperty("encodedDataLength").GetDouble());
        List<IResponse> responses = [];
        visitor.Page.Response += (_, response) => responses.Add(response);

        await visitor.GoAsync(path);
        await visitor.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        new Uri(visitor.Page.Url).AbsolutePath.Should().Be(path);
        sizes.Sum().Should().BeInRange(5_000, MostBytes);
        responses.Should().HaveCountGreaterThanOrEqualTo(3).And.OnlyContain(response => new Uri(response.Url).Authority == shared.Gateway.Address.Authority, "nothing comes from another host");
        foreach (var asset in responses.Where(static response => response.Url.Contains("/assets/", StringComparison.Ordinal)))
        {
            var headers = JsonSerializer.Serialize(await asset.AllHeadersAsync());
            headers.Should().Contain("\"content-encoding\":\"br\"").And.Contain("immutable", "{0} is kept for good", asset.Url);
        }
    }
}
