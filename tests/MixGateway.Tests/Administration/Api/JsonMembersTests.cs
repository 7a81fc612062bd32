using System.Text.Json;
using FsCheck.Xunit;
using MixGateway.Administration;
using MixGateway.Administration.Api;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Tests.Administration.Api;

public sealed class JsonMembersTests
{
    [Fact]
    public void Members_AbsentNullAndSet_AreToldApart()
    {
        var members = Members("""{"null":null,"set":"x"}""");

        members.Text("absent").IsSet.Should().BeFalse();
        members.Text("null").Should().Be((Optional<string?>)(string?)null);
        members.Text("set").Value.Should().Be("x");
        members.Object<object>("absent", _ => new object()).IsSet.Should().BeFalse();
        members.Errors.Any.Should().BeFalse();
    }

    [Fact]
    public void Members_OfEachKind_AreRead()
    {
        var members = Members("""{"text":"é","flag":true,"integer":9007199254740993,"time":"2026-11-22T18:30:00Z","amount":0.1,"word":"suspended","texts":["a"],"object":{"amount":"2"}}""");

        members.Text("text").Value.Should().Be("é");
        members.Flag("flag").Value.Should().BeTrue();
        members.Integer("integer").Value.Should().Be(9007199254740993);
        members.Time("time").Value.Should().Be(new DateTime(2026, 11, 22, 18, 30, 0, DateTimeKind.Utc));
        members.Amount("amount").Value.Should().Be(new Money(100_000_000));
        members.Word<AccountStatus>("word").Value.Should().Be(AccountStatus.Suspended);
        members.Texts("texts").Value.Should().Equal("a");
        members.Object("object", inner => inner.Amount("amount").Value.ToString()).Value.Should().Be("2");
        members.RefuseRest();
        members.Errors.Any.Should().BeFalse();
    }

    [Fact]
    public void Members_OfWrongKind_AreAllNamed()
    {
        var members = Members("""{"a":1,"b":"true","c":1.5,"d":"now","e":[],"f":"SUSPENDED","g":["x",null],"h":[],"i":{"j":"x"},"k":0}""");

        members.Text("a").IsSet.Should().BeFalse();
        members.Flag("b").IsSet.Should().BeFalse();
        members.Integer("c").IsSet.Should().BeFalse();
        members.Time("d").IsSet.Should().BeFalse();
        members.Amount("e").IsSet.Should().BeFalse();
        members.Word<AccountStatus>("f").IsSet.Should().BeFalse();
        members.Texts("g").IsSet.Should().BeFalse();
        members.Object<object>("h", _ => new object()).IsSet.Should().BeFalse();
        members.Object<object>("i", inner => inner.Integer("j")).IsSet.Should().BeTrue();
        members.RefuseRest();
        members.Errors.ByField.Keys.Should().Equal("a", "b", "c", "d", "e", "f", "g", "h", "i.j", "k");
    }

    [Property]
    public bool Amounts_WrittenAsNumberOrString_AreTheSame(long nanos)
    {
        var members = Members($$"""{"number":{{new Money(nanos)}},"text":"{{new Money(nanos)}}"}""");
        return members.Amount("number").Value == new Money(nanos) && members.Amount("text").Value == new Money(nanos);
    }

    private static JsonMembers Members(string json) => new(JsonSerializer.Deserialize<JsonElement>(json), new FieldErrors());
}
