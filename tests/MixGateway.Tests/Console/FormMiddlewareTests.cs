using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using MixGateway.Administration.Forms;
using MixGateway.Console.Languages;
using MixGateway.Console.Safety;
using MixGateway.Storage;
using MixGateway.Tests.Storage;

namespace MixGateway.Tests.Console;

/// <summary>Forms whose pages answer late, fail, or answer something else than a page.</summary>
public sealed class FormMiddlewareTests : IAsyncLifetime
{
    private const string Page = "/dashboard/keys/new";

    private readonly SqliteFile _file = new();
    private readonly SentForms _forms;
    private int _worked;

    public FormMiddlewareTests() => _forms = new SentForms(new Databases(_file), new EphemeralDataProtectionProvider(), TimeProvider.System);

    public Task InitializeAsync() => _file.MigrateAsync();

    public Task DisposeAsync()
    {
        _file.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Form_SentAgainWhileTheFirstIsWorkedOn_GetsItsAnswer()
    {
        var mayAnswer = new TaskCompletionSource();
        var middleware = Middleware(async context =>
        {
            await mayAnswer.Task;
            await AnswerAsync(context, "<p>a key</p>");
        });
        var id = _forms.NewId();
        var (first, second) = (Request(id), Request(id));

        var working = middleware.InvokeAsync(first);
        var waiting = middleware.InvokeAsync(second);
        mayAnswer.SetResult();
        await Task.WhenAll(working, waiting);

        _worked.Should().Be(1);
        (first.Response.StatusCode, second.Response.StatusCode).Should().Be((303, 303));
        first.Response.Headers.Location.Should().Equal($"{Page}?days=7&shown={id:N}");
        second.Response.Headers.Location.Should().Equal(first.Response.Headers.Location);
        Body(first).Should().BeEmpty("what is shown once is in the page that it leads to");
    }

    [Fact]
    public async Task Form_WhoseBrowserLeft_IsWorkedOnToItsEnd()
    {
        using var left = new CancellationTokenSource();
        await left.CancelAsync();
        var middleware = Middleware(static context =>
        {
            context.RequestAborted.ThrowIfCancellationRequested();
            return AnswerAsync(context, "done");
        });
        var request = Request(_forms.NewId());
        request.RequestAborted = left.Token;

        await middleware.InvokeAsync(request);

        request.Response.StatusCode.Should().Be(303);
    }

    [Fact]
    public async Task Form_ThatFailed_IsNotWorkedOnAgainAndSaysThatNobodyKnows()
    {
        var middleware = Middleware(static _ => throw new InvalidOperationException("the database is away"));
        var id = _forms.NewId();
        await middleware.Invoking(it => it.InvokeAsync(Request(id))).Should().ThrowAsync<InvalidOperationException>();
        var again = Request(id);

        await middleware.InvokeAsync(again);

        _worked.Should().Be(1);
        (again.Response.StatusCode, again.Response.Headers.Location.ToString()).Should().Be((303, $"{Page}?days=7"));
        Uri.UnescapeDataString(Uri.UnescapeDataString(again.Response.Headers.SetCookie.ToString())).Should().Contain("Check whether it took effect");
    }

    [Fact]
    public async Task ErrorPage_OfAFormThatFailed_IsShownAsItIs()
    {
        var middleware = Middleware(static context => AnswerAsync(context, "the mistake is ours"));
        var request = Request(_forms.NewId());
        request.Features.Set<IExceptionHandlerFeature>(new ExceptionHandlerFeature());

        await middleware.InvokeAsync(request);

        (request.Response.StatusCode, Body(request)).Should().Be((200, "the mistake is ours"));
    }

    [Theory]
    [InlineData(302, "https://checkout.example.com/pay")]
    [InlineData(404, null)]
    public async Task Answer_ThatIsNoPage_IsPassedOn(int status, string? location)
    {
        var middleware = Middleware(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = location;
            return context.Response.WriteAsync("as it is");
        });
        var id = _forms.NewId();
        var (first, second) = (Request(id), Request(id));

        await middleware.InvokeAsync(first);
        await middleware.InvokeAsync(second);

        (first.Response.StatusCode, Body(first), _worked).Should().Be((status, "as it is", 1));
        second.Response.StatusCode.Should().Be(303);
        second.Response.Headers.Location.ToString().Should().Be(location ?? $"{Page}?days=7");
    }

    private FormMiddleware Middleware(RequestDelegate page) => new(
        context =>
        {
            Interlocked.Increment(ref _worked);
            return page(context);
        },
        _forms,
        new Texts<SharedTexts>(),
        TimeProvider.System,
        NullLogger<FormMiddleware>.Instance);

    private static DefaultHttpContext Request(Guid id)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Post;
        context.Request.Path = Page;
        context.Request.QueryString = new QueryString("?days=7&shown=an-old-one");
        context.Request.ContentType = "application/x-www-form-urlencoded";
        context.Request.Body = new MemoryStream(Encoding.ASCII.GetBytes($"{FormMiddleware.Field}={id:N}"));
        context.Response.Body = new MemoryStream();
        context.SetEndpoint(new Endpoint(null, EndpointMetadataCollection.Empty, "page"));
        return context;
    }

    private static Task AnswerAsync(HttpContext context, string html)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(html);
    }

    private static string Body(HttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

    private sealed class Databases(SqliteFile file) : IDbContextFactory<GatewayDbContext>
    {
        public GatewayDbContext CreateDbContext() => file.NewContext();
    }
}
