using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

/// <summary>Numbers that decide how long an answer may be: whatever a provider reads, the hold has read too.</summary>
public sealed class RequestLimitsTests
{
    public static TheoryData<string, string> Names => new()
    {
        { "max_tokens", "max_tokens" },
        { "max_completion_tokens", "max_completion_tokens" },
        { "n", "n" },
        { "best_of", "best_of" },
        { "max_output_tokens", "max_output_tokens" },
        { "max_new_tokens", "max_new_tokens" },
        { "n_predict", "n_predict" },
        { "num_return_sequences", "num_return_sequences" },
        { "maxOutputTokens", "maxOutputTokens" },
        { "max\\u005ftokens", "max_tokens" },
        { "\\u006e", "n" },
        { "n_\\u0070redict", "n_predict" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void TryRead_NoPlainInteger_IsRefusedByName(string sent, string param)
    {
        foreach (var value in new[] { "\"100\"", "100.0", "1e2", "1E2", "-1", "-0", "0", "0.5", "true", "false", "[1]", "[]", "{}", "{\"n\":1}", "\"\"", "9223372036854775808", "99999999999999999999999999" })
        {
            var error = Refuse($"{{\"model\":\"m\",\"{sent}\":{value}}}");

            (error.Status, error.Type, error.Code, error.Param).Should().Be((400, "invalid_request_error", null, param), value);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TryRead_IntegerOfAtLeastOneOrNull_IsTaken(string sent, string param)
    {
        foreach (var value in new[] { "1", "100", "9223372036854775807", "null", " 5 " })
        {
            foreach (var operation in Enum.GetValues<ApiOperation>())
            {
                Read($"{{\"model\":\"m\",\"{sent}\":{value}}}", operation).Should().NotBeNull(param);
            }
        }
    }

    [Theory]
    [InlineData("extra_body", "max_tokens", "\"16384\"", "extra_body.max_tokens")]
    [InlineData("options", "num_predict", "-1", "options.num_predict")]
    [InlineData("generationConfig", "maxOutputTokens", "1e4", "generationConfig.maxOutputTokens")]
    [InlineData("parameters", "max_new_tokens", "[9]", "parameters.max_new_tokens")]
    [InlineData("sampling_params", "N", "2.0", "sampling_params.n")]
    public void TryRead_WrongNumberInAContainer_IsRefusedByItsPath(string container, string name, string value, string param) =>
        Refuse($"{{\"model\":\"m\",\"{container}\":{{\"x\":[1,{{}}],\"{name}\":{value}}}}}").Param.Should().Be(param);

    [Theory]
    [InlineData("\"max_tokens\":1,\"max_completion_tokens\":16384", 16384L, null)]
    [InlineData("\"max_completion_tokens\":16384,\"max_tokens\":1", 16384L, null)]
    [InlineData("\"max_tokens\":1,\"n_predict\":16384", 1L, 16384L)]
    [InlineData("\"max_tokens\":null,\"n_predict\":7", null, 7L)]
    [InlineData("\"max_new_tokens\":3,\"max_output_tokens\":9", null, 9L)]
    [InlineData("\"options\":{\"num_predict\":5},\"max_length\":4", null, 5L)]
    [InlineData("\"extra_body\":{\"extra_body\":{\"max_tokens\":77}},\"max_tokens\":4", 4L, 77L)]
    [InlineData("\"metadata\":{\"max_tokens\":\"x\",\"n\":0}", null, null)]
    public void TryRead_SeveralLimits_KeepsTheLargestOfEachSort(string members, long? own, long? raising)
    {
        var envelope = Read($"{{\"model\":\"m\",{members}}}");

        (envelope.OwnLimit, envelope.RaisingLimit).Should().Be((own, raising));
    }

    /// <summary>The older completions know no <c>max_completion_tokens</c>, so it bounds nothing there.</summary>
    [Fact]
    public void TryRead_Completion_IsBoundByMaxTokensAlone()
    {
        var envelope = Read("""{"model":"m","max_completion_tokens":1}""", ApiOperation.Completions);

        (envelope.OwnLimit, envelope.RaisingLimit, envelope.HasOwnLimit).Should().Be((null, 1L, false));
    }

    [Theory]
    [InlineData("\"n\":2,\"best_of\":5", 5)]
    [InlineData("\"n\":2,\"n_cmpl\":4", 4)]
    [InlineData("\"num_return_sequences\":3", 3)]
    [InlineData("\"extra_body\":{\"n\":6}", 6)]
    public void TryRead_AnswersUnderAnyName_AreCounted(string members, long choices) => Read($"{{\"model\":\"m\",{members}}}").Choices.Should().Be(choices);

    [Theory]
    [InlineData("\"a\"", 1)]
    [InlineData("[1,2,3]", 1)]
    [InlineData("[\"a\",\"b\",\"c\"]", 3)]
    [InlineData("[[1,2],[3]]", 2)]
    [InlineData("[{\"text\":\"a\"},{\"image\":\"https://example.com/a.png\"}]", 2)]
    [InlineData("{\"text\":[\"a\",\"b\"]}", 1)]
    public void TryRead_Embedding_CountsItsInputs(string input, long inputs)
    {
        var body = $"{{\"model\":\"m\",\"input\":{input}}}";

        Read(body, ApiOperation.Embeddings).Prompts.Should().Be(inputs);
        Read(body).Prompts.Should().Be(1);
    }

    [Fact]
    public void TryRead_AbsurdNumberOfAnswers_Saturates() =>
        Read("""{"model":"m","prompt":["a","b"],"best_of":9223372036854775807}""", ApiOperation.Completions).Choices.Should().Be(long.MaxValue);

    [Fact]
    public void TryRead_OtherLimitsBeyondReason_AreRefused() =>
        Refuse("{\"model\":\"m\"" + string.Concat(Enumerable.Repeat(",\"n_predict\":1", 30)) + "}").Param.Should().Be("n_predict");

    private static RequestEnvelope Read(string body, ApiOperation operation = ApiOperation.ChatCompletions)
    {
        RequestReader.TryRead(Encoding.UTF8.GetBytes(body), operation, out var envelope, out var error);
        error.Should().BeNull(body);
        return envelope!;
    }

    private static OpenAIError Refuse(string body)
    {
        RequestReader.TryRead(Encoding.UTF8.GetBytes(body), ApiOperation.ChatCompletions, out _, out var error).Should().BeFalse(body);
        return error!;
    }
}
