using System.Text;
using MixGateway.Simulator.Scripting;
using MixGateway.Simulator.Wire;

namespace MixGateway.Simulator.Faults;

/// <summary>Answers with an error.</summary>
internal static class ErrorAnswer
{
    private const int DefaultRetryAfterSeconds = 7;

    /// <summary>An error of the script's.</summary>
    public static Task<CallEnd> SendAsync(SimulatedCall call, int status)
    {
        HttpResponse response = call.Context.Response;
        CountedCall count = call.Count;
        int? retryAfter = call.Script.RetryAfterSeconds ?? (status == StatusCodes.Status429TooManyRequests ? DefaultRetryAfterSeconds : null);
        if (retryAfter is int seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        ResponseHeaders.AddProviderHeaders(call);
        return call.Script.ErrorBody switch
        {
            ErrorBody.Html => SendAsync(response, count, status, "text/html", Encoding.UTF8.GetBytes(Page(status))),
            ErrorBody.Empty => SendAsync(response, count, status, null, []),
            _ => SendAsync(response, count, status, "application/json", ErrorJson.Of(call, status)),
        };
    }

    /// <summary>An error of the caller's: what was sent cannot be understood.</summary>
    /// <param name="count">Null where the request is not counted as a call.</param>
    public static Task<CallEnd> SendAsync(HttpResponse response, CountedCall? count, int status, string message, string? param, string? code = null) =>
        SendAsync(response, count, status, "application/json", ErrorJson.Of(message, "invalid_request_error", param, code));

    private static async Task<CallEnd> SendAsync(HttpResponse response, CountedCall? count, int status, string? contentType, byte[] body)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        count?.End(CallEnd.Failed);
        await response.BodyWriter.WriteAsync(body, response.HttpContext.RequestAborted);
        return CallEnd.Failed;
    }

    private static string Page(int status) =>
        $"<html>\r\n<head><title>{status} Error</title></head>\r\n<body>\r\n<center><h1>{status} Error</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
}
