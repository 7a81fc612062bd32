using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using MixGateway.Administration;

namespace MixGateway.Payments;

/// <summary>
/// Where payment providers report. Open to all, because providers have no key of ours: only a signature counts, and an answer says
/// nothing that would help to make one. On every listener, also where the console has one of its own.
/// </summary>
internal static partial class NotificationEndpoints
{
    public const string Root = "/payments";
    public const string StripePath = Root + "/stripe/notify";
    public const string EPayPath = Root + "/epay/notify";

    /// <summary>Several times what the longest notification has.</summary>
    public const int MaxBody = 256 * 1024;

    /// <summary>What an EPay site reads as "do not send it again", and as the opposite.</summary>
    private const string EPaySuccess = "success";
    private const string EPayFailure = "fail";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void MapStripeNotifications(this IEndpointRouteBuilder app) => app.MapPost(StripePath, TakeStripeAsync).AddEndpointFilter(PassGateAsync).ExcludeFromDescription();

    public static void MapEPayNotifications(this IEndpointRouteBuilder app) =>
        app.MapMethods(EPayPath, [HttpMethods.Get, HttpMethods.Post], TakeEPayAsync).AddEndpointFilter(PassGateAsync).DisableAntiforgery().ExcludeFromDescription();

    private static ValueTask<object?> PassGateAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<NotificationGate>().InvokeAsync(context, next);

    private static async Task<IResult> TakeStripeAsync(HttpContext context, StripeNotifications notifications)
    {
        var signature = context.Request.Headers["Stripe-Signature"];
        if (signature.Count != 1 || await ReadAsync(context) is not { } body)
        {
            return TypedResults.StatusCode(StatusCodes.Status400BadRequest);
        }

        return TypedResults.StatusCode(StatusOf(await notifications.TakeAsync(body, signature[0]!)));
    }

    private static async Task<IResult> TakeEPayAsync(HttpContext context, EPayNotifications notifications)
    {
        var parameters = HttpMethods.IsGet(context.Request.Method) ? Single(context.Request.Query) : await ReadFormAsync(context);
        var answer = parameters is null ? PaymentAnswer.Refused : await notifications.TakeAsync(parameters);
        var status = StatusOf(answer);
        return TypedResults.Text(status == StatusCodes.Status200OK ? EPaySuccess : EPayFailure, "text/plain", statusCode: status);
    }

    private static int StatusOf(PaymentAnswer answer) => answer switch
    {
        PaymentAnswer.Done or PaymentAnswer.Ignored => StatusCodes.Status200OK,
        PaymentAnswer.Refused => StatusCodes.Status400BadRequest,
        PaymentAnswer.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, null),
    };

    /// <summary>Null if the body is too long, does not arrive or is no text.</summary>
    private static async Task<string?> ReadAsync(HttpContext context)
    {
        Limit(context);
        try
        {
            using var reader = new StreamReader(context.Request.Body, Strict, detectEncodingFromByteOrderMarks: false);
            return await reader.ReadToEndAsync(context.RequestAborted);
        }
        catch (Exception exception) when (exception is BadHttpRequestException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static async Task<Dictionary<string, string>?> ReadFormAsync(HttpContext context)
    {
        Limit(context);
        if (!context.Request.HasFormContentType)
        {
            return null;
        }

        try
        {
            var form = await context.Request.ReadFormAsync(new FormOptions { ValueCountLimit = 64, KeyLengthLimit = 256, ValueLengthLimit = 16 * 1024, BufferBodyLengthLimit = MaxBody }, context.RequestAborted);
            return Single(form);
        }
        catch (Exception exception) when (exception is BadHttpRequestException or InvalidDataException)
        {
            return null;
        }
    }

    private static void Limit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBody;
        }
    }

    /// <summary>Null if a name is there twice: the signature would be of one of them, and what is read of the other.</summary>
    private static Dictionary<string, string>? Single(IEnumerable<KeyValuePair<string, StringValues>> values)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            if (value.Count != 1 || !parameters.TryAdd(name, value[0] ?? ""))
            {
                return null;
            }
        }

        return parameters;
    }
}
