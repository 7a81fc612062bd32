using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class ApiBoundaryMiddlewareTests
{
    private const string Secret = "sk-not-for-callers";

    [Fact]
    public async Task Invoke_SomethingInsideThrows_AnswersInternalErrorWithoutItsText()
    {
        var context = Call();
        context.Response.Headers["x-set-before"] = "gone";
        var boundary = new ApiBoundaryMiddleware(_ => throw new InvalidOperationException(Secret), NullLogger<ApiBoundaryMiddleware>.Instance);

        await boundary.InvokeAsync(context);

        context.Response.StatusCode.Should().Be(500);
        context.Response.ContentType.Should().Be("application/json");
        context.Response.Headers.Should().NotContainKey("x-set-before");
        var body = Body(context);
        body.Should().NotContain(Secret);
        var answer = JsonDocument.Parse(body).RootElement;
        answer.GetProperty("request_id").GetString().Should().Be("the-request-id");
        answer.GetProperty("error").GetProperty("type").GetString().Should().Be("server_error");
        answer.GetProperty("error").GetProperty("code").GetString().Should().Be("internal_error");
    }

    [Fact]
    public async Task Invoke_TheCallerIsGone_IsNotAnswered()
    {
        var context = Call();
        context.RequestAborted = new CancellationToken(canceled: true);
        var boundary = new ApiBoundaryMiddleware(_ => throw new OperationCanceledException(), NullLogger<ApiBoundaryMiddleware>.Instance);

        await boundary.Invoking(middleware => middleware.InvokeAsync(context)).Should().ThrowAsync<OperationCanceledException>();

        Body(context).Should().BeEmpty();
    }

    private static DefaultHttpContext Call()
    {
        var context = new DefaultHttpContext { TraceIdentifier = "the-request-id" };
        context.Request.Method = HttpMethods.Post;
        context.Request.Path = "/v1/chat/completions";
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string Body(HttpContext context)
    {
        context.Response.Body.Position = 0;
        return new StreamReader(context.Response.Body).ReadToEnd();
    }
}
