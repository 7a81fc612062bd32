using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MixGateway.IntegrationTests.Payments;

/// <summary>Stripe's API as far as payments call it, on a free port, with the failures that a test asks for.</summary>
internal sealed class FakeStripe : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeStripe(WebApplication app) => _app = app;

    /// <summary>For <c>Payments:Stripe:ApiUrl</c>.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>The forms of the sessions that were asked for, with the request's <c>Idempotency-Key</c> and <c>Authorization</c>.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Sessions { get; } = new();

    /// <summary>Payment intents that it tells of, with their payment of ours; null where they have none.</summary>
    public ConcurrentDictionary<string, Guid?> Intents { get; } = new();

    /// <summary>How it answers; null is well. 0 is not at all.</summary>
    public int? Failure { get; set; }

    public static async Task<FakeStripe> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var stripe = new FakeStripe(app);
        app.MapPost("/v1/checkout/sessions", (Func<HttpContext, Task<IResult>>)stripe.CreateSessionAsync);
        app.MapGet("/v1/payment_intents/{id}", (Func<HttpContext, string, Task<IResult>>)stripe.GetIntentAsync);
        await app.StartAsync();
        return stripe;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task<IResult> CreateSessionAsync(HttpContext context)
    {
        var form = (await context.Request.ReadFormAsync()).ToDictionary(member => member.Key, member => member.Value.ToString());
        form["Idempotency-Key"] = context.Request.Headers["Idempotency-Key"].ToString();
        form["Authorization"] = context.Request.Headers.Authorization.ToString();
        Sessions.Enqueue(form);
        return await FailAsync(context) ?? Json(new JsonObject
        {
            ["id"] = $"cs_test_{form["client_reference_id"]}",
            ["object"] = "checkout.session",
            ["url"] = $"https://checkout.stripe.example/c/pay/{form["client_reference_id"]}",
        });
    }

    private async Task<IResult> GetIntentAsync(HttpContext context, string id)
    {
        if (await FailAsync(context) is { } failure)
        {
            return failure;
        }

        return Intents.TryGetValue(id, out var payment)
            ? Json(new JsonObject { ["id"] = id, ["object"] = "payment_intent", ["metadata"] = payment is null ? [] : new JsonObject { ["payment_id"] = payment.ToString() } })
            : Json(new JsonObject { ["error"] = new JsonObject { ["type"] = "invalid_request_error", ["code"] = "resource_missing", ["message"] = "No such payment_intent" } }, 404);
    }

    private async Task<IResult?> FailAsync(HttpContext context)
    {
        if (Failure is not { } status)
        {
            return null;
        }

        if (status == 0)
        {
            var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var leaving = context.RequestAborted.UnsafeRegister(static left => ((TaskCompletionSource)left!).TrySetResult(), left);
            await left.Task;
            return Results.Empty;
        }

        return Json(new JsonObject { ["error"] = new JsonObject { ["type"] = "api_error", ["code"] = "made_up", ["message"] = "secret-of-stripe" } }, status);
    }

    private static IResult Json(JsonObject body, int status = 200) => Results.Text(body.ToJsonString(), "application/json", statusCode: status);

    /// <summary>The amount of a session that was asked for, in smallest units.</summary>
    public static long UnitsOf(Dictionary<string, string> session) => long.Parse(session["line_items[0][price_data][unit_amount]"], CultureInfo.InvariantCulture);
}
