using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>
/// Makes a C# client of an OpenAPI 3.0 document: a class for each schema, a method for each operation. Knows no more of the API than
/// the document says, so what is missing or wrong in it does not compile or does not work.
/// </summary>
internal sealed class ClientGenerator(JsonElement document)
{
    private const string Support =
        """
        #nullable enable
        using System;
        using System.Collections.Generic;
        using System.Globalization;
        using System.Linq;
        using System.Net.Http;
        using System.Text;
        using System.Text.Json;
        using System.Text.Json.Serialization;
        using System.Threading.Tasks;

        namespace Generated;

        public sealed class ApiException(int status, ApiProblem? problem) : Exception($"{status}: {problem?.detail}")
        {
            public ApiProblem? Problem => problem;
        }

        public sealed partial class Client(HttpClient http)
        {
            private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

            private async Task<T?> SendAsync<T>(string method, string path, (string Name, object? Value)[] query, object? body)
            {
                var pairs = query.Where(pair => pair.Value is not null).Select(pair => $"{pair.Name}={Uri.EscapeDataString(Text(pair.Value!))}").ToArray();
                using var request = new HttpRequestMessage(new HttpMethod(method), path + (pairs.Length == 0 ? "" : "?" + string.Join('&', pairs)));
                request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body, Json), Encoding.UTF8, "application/json");
                using var response = await http.SendAsync(request);
                var text = await response.Content.ReadAsStringAsync();
                if (!response.IsSuccessStatusCode)
                {
                    throw new ApiException((int)response.StatusCode, JsonSerializer.Deserialize<ApiProblem>(text));
                }

                return text.Length == 0 ? default : JsonSerializer.Deserialize<T>(text);
            }

            private static string Text(object value) => value switch
            {
                DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                bool flag => flag ? "true" : "false",
                _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            };
        }

        """;

    private readonly StringBuilder _source = new(Support);

    public string Generate()
    {
        foreach (var schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject().Where(schema => schema.Value.TryGetProperty("properties", out _)))
        {
            _source.AppendLine(CultureInfo.InvariantCulture, $"public sealed class {schema.Name} {{");
            foreach (var member in schema.Value.GetProperty("properties").EnumerateObject())
            {
                _source.AppendLine(CultureInfo.InvariantCulture, $"    public {TypeOf(member.Value)}? @{member.Name} {{ get; set; }}");
            }

            _source.AppendLine("}");
        }

        _source.AppendLine("public sealed partial class Client {");
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                Method(path.Name, operation.Name.ToUpperInvariant(), operation.Value);
            }
        }

        return _source.AppendLine("}").ToString();
    }

    private void Method(string path, string method, JsonElement operation)
    {
        var parameters = operation.TryGetProperty("parameters", out var listed) ? listed.EnumerateArray().ToList() : [];
        var query = parameters.Where(parameter => parameter.GetProperty("in").GetString() == "query").ToList();
        List<string> signature = [.. parameters.Except(query).Select(parameter => $"{TypeOf(parameter.GetProperty("schema"))} {Name(parameter)}")];
        var hasBody = operation.TryGetProperty("requestBody", out var body);
        if (hasBody)
        {
            signature.Add($"{TypeOf(JsonOf(body))} body");
        }

        signature.AddRange(query.Select(parameter => $"{TypeOf(parameter.GetProperty("schema"))}? {Name(parameter)} = null"));
        var answer = operation.GetProperty("responses").EnumerateObject().First(response => response.Name[0] == '2').Value;
        var result = answer.TryGetProperty("content", out _) ? TypeOf(JsonOf(answer)) : "object";
        var pairs = string.Concat(query.Select(parameter => $"(\"{parameter.GetProperty("name").GetString()}\", {Name(parameter)}), "));
        var address = path.Replace("{", "{@", StringComparison.Ordinal);
        _source.AppendLine(CultureInfo.InvariantCulture, $"    /// <summary>{operation.GetProperty("summary").GetString()}</summary>");
        _source.AppendLine(CultureInfo.InvariantCulture, $"    public Task<{result}?> {operation.GetProperty("operationId").GetString()}({string.Join(", ", signature)}) =>");
        _source.AppendLine(CultureInfo.InvariantCulture, $"        SendAsync<{result}>(\"{method}\", $\"{address}\", new (string, object?)[] {{ {pairs}}}, {(hasBody ? "body" : "null")});");
    }

    private static string Name(JsonElement parameter) => "@" + parameter.GetProperty("name").GetString();

    private static JsonElement JsonOf(JsonElement content) => content.GetProperty("content").GetProperty("application/json").GetProperty("schema");

    private string TypeOf(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Target(reference);
        }

        foreach (var union in new[] { "oneOf", "anyOf", "allOf" })
        {
            if (schema.TryGetProperty(union, out var parts) && parts.EnumerateArray().FirstOrDefault(part => part.TryGetProperty("$ref", out _)) is { ValueKind: JsonValueKind.Object } part)
            {
                return TypeOf(part);
            }
        }

        var format = schema.TryGetProperty("format", out var said) ? said.GetString() : null;
        return (schema.TryGetProperty("type", out var type) ? type.GetString() : null, format) switch
        {
            ("string", "uuid") => "Guid",
            ("string", "date-time") => "DateTimeOffset",
            ("string", _) => "string",
            ("integer", "int32") => "int",
            ("integer", _) => "long",
            ("boolean", _) => "bool",
            ("array", _) => $"List<{TypeOf(schema.GetProperty("items"))}>",
            ("object", _) when schema.TryGetProperty("additionalProperties", out var values) => $"Dictionary<string, {TypeOf(values)}>",
            _ => "JsonElement",
        };
    }

    /// <summary>A schema without members, such as an amount of money or a word of a list, needs no class.</summary>
    private string Target(JsonElement reference)
    {
        var name = reference.GetString()!.Split('/')[^1];
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty(name);
        return schema.TryGetProperty("properties", out _) ? name : TypeOf(schema);
    }
}
