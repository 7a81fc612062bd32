using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Xunit;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class ExtraEditsTests
{
    private static readonly ImmutableArray<string> Removed = ["models", "route"];

    [Theory]
    [InlineData("""{"models":["a","b"],"model":"p:m","x":1}""", """{"model":"u","x":1}""")]
    [InlineData("""{"model":"p:m","models":["a"],"x":1}""", """{"model":"u","x":1}""")]
    [InlineData("""{"model":"p:m","x":1,"models":{"a":[1,{"models":2}]}}""", """{"model":"u","x":1}""")]
    [InlineData("""{"models":[],"route":"r","model":"p:m"}""", """{"model":"u"}""")]
    [InlineData("""{"model":"p:m","models":[],"route":"r"}""", """{"model":"u"}""")]
    [InlineData("""{"route":1,"model":"p:m","models":[]}""", """{"model":"u"}""")]
    [InlineData("""{"models":1,"x":{"models":2},"models":3,"model":"p:m","models":4}""", """{"x":{"models":2},"model":"u"}""")]
    [InlineData("""{"model":"p:m","m\u006fdels":[1],"MODELS":[2],"z":1e5}""", """{"model":"u","z":1e5}""")]
    [InlineData("{ \"models\" : [ ] ,\n \"model\" : \"p:m\" , \"route\":null \t}", "{ \"model\" : \"u\" \t}")]
    [InlineData("""{"model":"p:m","modelsx":1,"xmodels":[2]}""", """{"model":"u","modelsx":1,"xmodels":[2]}""")]
    public void Removal_OfMembers_TakesTheirCommasAlong(string body, string expected) => Edit(body, Removed).Should().Be(expected);

    [Theory]
    [InlineData("""{"models":[],"stream":true,"model":"p:m"}""", """{"stream_options":{"include_usage":true},"stream":true,"model":"u"}""")]
    [InlineData("""{"model":"p:m","models":[],"stream":true,"stream_options":{}}""", """{"model":"u","stream":true,"stream_options":{"include_usage":true}}""")]
    public void Removal_BesideTheUsualEdits_KeepsThem(string body, string expected) => Edit(body, Removed).Should().Be(expected);

    [Fact]
    public void Removal_OfTooManyPieces_IsNotFound()
    {
        var members = string.Concat(Enumerable.Range(0, 17).Select(i => $",\"x{i}\":1,\"models\":[]"));

        MemberRemoval.TryFind(Encoding.UTF8.GetBytes("{\"model\":\"p:m\"" + members + "}"), Removed, out _).Should().BeFalse();
        MemberRemoval.TryFind(Encoding.UTF8.GetBytes("{\"model\":\"p:m\"" + string.Concat(Enumerable.Repeat(",\"models\":[]", 1000)) + "}"), Removed, out var one).Should().BeTrue();
        one.Should().ContainSingle();
    }

    [Property(MaxTest = 500)]
    public void Removal_FromAnyDocument_LeavesTheOthersMembersAsTheyStood(DoNotSize<int> seed)
    {
        var random = new System.Random(seed.Item);
        var kept = new List<string> { "\"model\" : \"p:m\"" };
        kept.AddRange(Enumerable.Range(0, random.Next(4)).Select(i => $"\"k{i}\":{Value(random)}"));
        var members = kept.ToList();
        for (var i = random.Next(5); i > 0; i--)
        {
            var name = new[] { "models", "m\\u006fdels", "Route", "route" }[random.Next(4)];
            members.Insert(random.Next(members.Count + 1), $"\"{name}\"{Space(random)}:{Space(random)}{Value(random)}");
        }

        var body = "{" + string.Join(',', members.Select(member => Space(random) + member + Space(random))) + "}";

        var edited = Edit(body, Removed);

        JsonNode.Parse(edited)!.AsObject().Select(member => member.Key).Should().Equal(kept.Select(member => member.Split('"')[1]));
        foreach (var member in kept)
        {
            edited.Should().Contain(member.Replace("p:m", "u", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("""{"model":"p:m","x":1}""", """{"max_tokens":7,"model":"u","x":1}""")]
    [InlineData("""{ "model":"p:m","max_tokens":100}""", """{ "model":"u","max_tokens":7}""")]
    [InlineData("""{"max_completion_tokens" : 100 ,"model":"p:m","n":3}""", """{"max_completion_tokens" : 7 ,"model":"u","n":3}""")]
    [InlineData("""{"model":"p:m","max_tokens":5,"max_completion_tokens":100}""", """{"model":"u","max_tokens":5,"max_completion_tokens":7}""")]
    [InlineData("""{"model":"p:m","max_tokens":100,"max_completion_tokens":100}""", """{"model":"u","max_tokens":7,"max_completion_tokens":7}""")]
    [InlineData("""{"max_tokens":100,"model":"p:m","max_tokens":100,"max_\u0074okens":100}""", """{"max_tokens":7,"model":"u","max_tokens":7,"max_\u0074okens":7}""")]
    [InlineData("""{"model":"p:m","max_tokens":null}""", """{"model":"u","max_tokens":7}""")]
    [InlineData("""{"model":"p:m","max_tokens":30,"x":{"max_tokens":9}}""", """{"model":"u","max_tokens":7,"x":{"max_tokens":9}}""")]
    [InlineData("""{"model":"p:m","max_tokens":30,"n_predict":500}""", """{"model":"u","max_tokens":7,"n_predict":7}""")]
    [InlineData("""{"model":"p:m","options":{"num_predict":500},"n_predict":5}""", """{"max_tokens":7,"model":"u","options":{"num_predict":7},"n_predict":5}""")]
    [InlineData("""{"model":"p:m","stream":true}""", """{"stream_options":{"include_usage":true},"max_tokens":7,"model":"u","stream":true}""")]
    public void Cap_OnTheAnswer_IsWrittenWhereTheCallersLimitStands(string body, string expected) => Edit(body, [], 7).Should().Be(expected);

    [Fact]
    public void Cap_WithARemoval_IsInsertedBeforeWhatFollows() =>
        Edit("""{"models":[],"model":"p:m","stream":true}""", Removed, 12)
            .Should().Be("""{"stream_options":{"include_usage":true},"max_tokens":12,"model":"u","stream":true}""");

    [Fact]
    public void Edits_WithNothingToDo_AreTheEnvelopesOwn()
    {
        var body = """{"model":"p:m","max_tokens":100}"""u8.ToArray();
        RequestReader.TryRead(body, ApiOperation.ChatCompletions, out var envelope, out _).Should().BeTrue();

        ExtraEdits.Of(body, envelope!, Removed, null).Should().Equal(envelope!.Edits);
    }

    [Fact]
    public void Limit_RepeatedBeyondReason_IsRefused()
    {
        var body = "{\"model\":\"p:m\"" + string.Concat(Enumerable.Repeat(",\"max_tokens\":1", 30)) + "}";

        RequestReader.TryRead(Encoding.UTF8.GetBytes(body), ApiOperation.ChatCompletions, out _, out var error).Should().BeFalse();
        error!.Param.Should().Be("max_tokens");
    }

    private static string Space(System.Random random) => new[] { "", "", " ", "\n", "\t " }[random.Next(5)];

    private static string Value(System.Random random) =>
        new[] { "1e5", "[ ]", "[1,{\"models\":[2]}]", "\",\\\"models\\\":1,\"", "{\"a\" : null}", "true" }[random.Next(6)];

    private static string Edit(string text, ImmutableArray<string> removed, long? cap = null)
    {
        var body = Encoding.UTF8.GetBytes(text);
        RequestReader.TryRead(body, ApiOperation.ChatCompletions, out var envelope, out var error);
        error.Should().BeNull();
        var edits = ExtraEdits.Of(body, envelope!, removed, cap);
        var digits = Encoding.UTF8.GetBytes(cap?.ToString(CultureInfo.InvariantCulture) ?? "");
        var edited = new byte[RequestEditor.EditedLength(body.Length, edits, "\"u\""u8, digits)];
        RequestEditor.Edit(body, edits, "\"u\""u8, digits, edited).Should().Be(edited.Length);
        return Encoding.UTF8.GetString(edited);
    }
}
