using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>A provider whose models say what a test wants to see on the screen, word by word.</summary>
internal sealed class TalkingProvider : IAsyncDisposable
{
    /// <summary>Answers with all the Markdown that there is.</summary>
    public const string Markdown = "deepseek-chat";

    /// <summary>Answers in a few words.</summary>
    public const string Brief = "gpt-5-mini";

    /// <summary>Answers with what would be dangerous if it became HTML.</summary>
    public const string Hostile = "hostile";

    /// <summary>Says one sentence, and then nothing until it is cancelled.</summary>
    public const string Endless = "endless";

    private static readonly Dictionary<string, string> Answers = new(StringComparer.Ordinal)
    {
        [Markdown] = """
            ## Three ways to read a file

            A stream reads **piece by piece**, so that *any* size fits. See the [guide](https://example.com/guide).

            1. `File.ReadLines` is lazy
               - it opens the file once
               - it needs no memory
            2. `File.ReadAllText` is short

            | way | memory | speed |
            | --- | ---: | --- |
            | `ReadLines` | small | fast |
            | `ReadAllText` | all | ~~slow~~ fast |

            ```csharp
            foreach (var line in File.ReadLines("data.txt"))
            {
                Console.WriteLine(line);
            }
            ```

            > Measure before you choose.
            """,
        [Brief] = """
            Use `File.ReadLines`:

            ```csharp
            foreach (var line in File.ReadLines("data.txt"))
            {
                Console.WriteLine(line);
            }
            ```

            It reads **one line at a time**, so a file of any size fits into memory.
            """,
        [Hostile] = """
            <script>document.title = 'taken'</script> and <img src=x onerror="document.title='taken'">

            [click](javascript:document.title='taken') or [this](data:text/html,<script>1</script>)

            `<b>code</b>` and https://example.com/?a=1&b=2.
            """,
        [Endless] = "I begin to think about it. ",
    };

    private readonly WebApplication _application;

    private TalkingProvider(WebApplication application) => _application = application;

    public Uri BaseAddress => new(new Uri(_application.Urls.First()), "/v1");

    public static async Task<TalkingProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.MapPost("/v1/chat/completions", AnswerAsync);
        await application.StartAsync();
        return new TalkingProvider(application);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        var request = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
        var model = request.GetProperty("model").GetString()!;
        context.Response.ContentType = "text/event-stream";
        if (model == Markdown)
        {
            await SendAsync(context, Chunk(model, new { reasoning_content = "The reader wants a short answer. " }, null));
        }

        var words = Answers[model].Split(' ');
        for (var i = 0; i < words.Length; i++)
        {
            await SendAsync(context, Chunk(model, new { content = i < words.Length - 1 ? words[i] + " " : words[i] }, null));
        }

        if (model == Endless)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            return;
        }

        await SendAsync(context, Chunk(model, new { }, "stop"));
        await SendAsync(context, JsonSerializer.Serialize(new { id = "1", model, choices = Array.Empty<object>(), usage = new { prompt_tokens = 24, completion_tokens = words.Length, total_tokens = words.Length + 24 } }));
        await SendAsync(context, "[DONE]");
    }

    private static string Chunk(string model, object delta, string? finish) =>
        JsonSerializer.Serialize(new { id = "1", model, choices = new[] { new { index = 0, delta, finish_reason = finish } } });

    private static async Task SendAsync(HttpContext context, string data)
    {
        await context.Response.WriteAsync($"data: {data}\n\n");
        await context.Response.Body.FlushAsync();
    }
}
