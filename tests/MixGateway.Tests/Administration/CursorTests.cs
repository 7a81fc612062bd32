using FsCheck.Xunit;
using MixGateway.Administration;

namespace MixGateway.Tests.Administration;

public sealed class CursorTests
{
    [Property]
    public bool Text_OfIdSequenceAndTime_GivesThemBack(Guid id, long sequence, DateTime time)
    {
        var start = DateTime.SpecifyKind(time, DateTimeKind.Utc);
        return Again(Cursor.Of(id)).TryGet(out Guid sameId) && sameId == id
            && Again(Cursor.Of(sequence)).TryGet(out long sameSequence) && sameSequence == sequence
            && Again(Cursor.Of(start, id)).TryGet(out var sameTime, out var sameCall) && sameTime == start && sameCall == id;
    }

    [Theory]
    [InlineData("demo:echo")]
    [InlineData("提供商:模型|1")]
    public void Text_OfGroup_GivesItBack(string group)
    {
        Again(Cursor.Of(group)).TryGet(out string same).Should().BeTrue();
        same.Should().Be(group);
    }

    [Property]
    public void Parse_OfAnyText_NeverThrows(string text)
    {
        if (text is not null && Cursor.TryParse(text, out var cursor))
        {
            cursor!.TryGet(out Guid _);
            cursor.TryGet(out long _);
            cursor.TryGet(out _, out _);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b!")]
    [InlineData("_w")] // one byte, 0xFF
    [InlineData("AA")] // NUL
    public void Parse_OfWhatNoListGave_IsRefused(string text) => Cursor.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Parse_OfVeryLongText_IsRefused() => Cursor.TryParse(new string('a', 5000), out _).Should().BeFalse();

    [Fact]
    public void TryGet_OfAnotherListsCursor_IsRefused()
    {
        var id = Guid.Parse("0193a000-0000-7000-8000-000000000001");

        Cursor.Of(id).TryGet(out long _).Should().BeFalse();
        Cursor.Of(id).TryGet(out _, out _).Should().BeFalse();
        Cursor.Of(5).TryGet(out Guid _).Should().BeFalse();
        Cursor.Of(DateTime.UnixEpoch, id).TryGet(out Guid _).Should().BeFalse();
        Cursor.Of("9999999999999999999|" + id.ToString("N")).TryGet(out _, out _).Should().BeFalse();
        Cursor.Of("3155378975999999999|x").TryGet(out _, out _).Should().BeFalse();
    }

    private static Cursor Again(Cursor cursor) => Cursor.TryParse(cursor.ToString(), out var again) ? again! : throw new FormatException(cursor.ToString());
}
