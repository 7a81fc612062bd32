using MixGateway.Authentication;

namespace MixGateway.Tests.Authentication;

public sealed class RecentEntriesTests
{
    private readonly RecentEntries<int> _entries = new(capacity: 100);

    [Fact]
    public void Entry_ThatIsUsed_OutlivesAFlood()
    {
        _entries.Set(Hash(0), 7);
        for (var i = 1; i < 10_000; i++)
        {
            _entries.Set(Hash(i), i);
            _entries.TryGet(Hash(0), out var used).Should().BeTrue();
            used.Should().Be(7);
        }
    }

    [Fact]
    public void Entries_UnderAFlood_AreBoundedAndTheLastOnesStay()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _entries.Set(Hash(i), i);
        }

        Enumerable.Range(9_951, 49).Should().OnlyContain(i => Has(i));
        Enumerable.Range(0, 9_900).Should().NotContain(i => Has(i));
    }

    [Fact]
    public void Entry_ThatIsSetAgain_HasTheNewValueAndTakesNoRoom()
    {
        _entries.Set(Hash(1), 1);
        for (var i = 0; i < 1000; i++)
        {
            _entries.Set(Hash(2), i);
        }

        _entries.TryGet(Hash(2), out var value).Should().BeTrue();
        value.Should().Be(999);
        Has(1).Should().BeTrue();
    }

    [Fact]
    public void Entry_ThatIsRemoved_IsGoneFromBothGenerations()
    {
        _entries.Set(Hash(0), 0);
        for (var i = 1; i < 60; i++)
        {
            _entries.Set(Hash(i), i);
        }

        _entries.Remove(Hash(0));

        Has(0).Should().BeFalse();
        Has(59).Should().BeTrue();
    }

    private static KeyHash Hash(int number) => new((ulong)number, 1, 2, 3);

    private bool Has(int number) => _entries.TryGet(Hash(number), out _);
}
