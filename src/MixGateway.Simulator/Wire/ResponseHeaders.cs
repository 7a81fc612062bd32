namespace MixGateway.Simulator.Wire;

/// <summary>The headers of an answer.</summary>
internal static class ResponseHeaders
{
    public static void Set(SimulatedCall call, string contentType, bool isCompressed)
    {
        HttpResponse response = call.Context.Response;
        response.StatusCode = call.Script.Status ?? StatusCodes.Status200OK;
        response.ContentType = contentType;
        if (isCompressed)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        AddProviderHeaders(call);
    }

    /// <summary>What a provider says about itself and about its own account: not for a gateway's callers.</summary>
    public static void AddProviderHeaders(SimulatedCall call)
    {
        if (!call.Script.ProviderHeaders)
        {
            return;
        }

        IHeaderDictionary headers = call.Context.Response.Headers;
        headers["x-request-id"] = "req_simulated";
        headers["openai-organization"] = "org-of-the-provider-account";
        headers["openai-processing-ms"] = "12";
        headers["openai-version"] = "2020-10-01";
        headers["x-ratelimit-limit-requests"] = "10000";
        headers["x-ratelimit-remaining-requests"] = "9999";
        headers["x-ratelimit-reset-requests"] = "6ms";
        headers.SetCookie = "__cf_bm=simulated; path=/; HttpOnly";
        headers.Server = "cloudflare";
        headers["cf-ray"] = "simulated-AMS";
    }
}
