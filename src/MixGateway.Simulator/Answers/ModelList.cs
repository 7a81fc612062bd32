using System.Text;

namespace MixGateway.Simulator.Answers;

/// <summary>Answers <c>GET /v1/models</c>. Any other id works as well: these are examples.</summary>
internal static class ModelList
{
    private static readonly string[] Ids = ["echo", "sim", "deepseek-chat", "gpt-4o", "text-embedding-3-small"];

    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        """{"object":"list","data":[""" + string.Join(',', Ids.Select(id => $$"""{"id":"{{id}}","object":"model","created":1700000000,"owned_by":"simulator"}""")) + "]}");

    public static Task SendAsync(HttpResponse response)
    {
        response.ContentType = "application/json";
        response.ContentLength = Body.Length;
        return response.Body.WriteAsync(Body, response.HttpContext.RequestAborted).AsTask();
    }
}
