using System.Security.Cryptography;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class PooledBytesTests
{
    private const int Block = PooledBytes.LargestArray;

    private readonly CountingBudget _budget = new();

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(13, 30_000)]
    [InlineData(4096, 1_000_003)]
    [InlineData(100_000, 3_000_000)]
    public void Append_InPieces_KeepsEveryByte(int piece, int length)
    {
        var expected = RandomNumberGenerator.GetBytes(length);
        using var bytes = new PooledBytes(_budget);

        for (var at = 0; at < length; at += piece)
        {
            bytes.Append(expected.AsSpan(at, Math.Min(piece, length - at)));
        }

        bytes.Span.SequenceEqual(expected).Should().BeTrue();
        bytes.Memory.Span.SequenceEqual(expected).Should().BeTrue();
        _budget.Used.Should().BeInRange(length, Math.Max(2 * length, length + Block), "what is taken is what there is room for");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    [InlineData(5_000_000)]
    public void Dispose_OfAnyLength_ReturnsAllThatWasTaken(int length)
    {
        var bytes = new PooledBytes(_budget);
        bytes.Append(new byte[length]);

        bytes.Dispose();
        bytes.Dispose();

        _budget.Used.Should().Be(0);
        bytes.Invoking(static gone => gone.Append([1])).Should().Throw<ObjectDisposedException>();
    }

    [Theory]
    [InlineData(1000, 2000)]
    [InlineData(Block, Block + 1)]
    [InlineData(Block * 4, Block)]
    public void Append_BeyondTheBudget_ThrowsAndKeepsWhatWasThere(int length, int more)
    {
        using var bytes = new PooledBytes(_budget);
        var first = RandomNumberGenerator.GetBytes(length);
        bytes.Append(first);
        _budget.Limit = _budget.Used;
        var room = bytes.Taken - length;

        bytes.TryAppend(new byte[room + more]).Should().BeFalse();
        bytes.Invoking(full => full.Append(new byte[room + more])).Should().Throw<InsufficientMemoryException>();

        bytes.Span.SequenceEqual(first).Should().BeTrue();
        _budget.Used.Should().Be(_budget.Limit);
    }

    [Fact]
    public void Trim_OfALongRun_KeepsTheFirstBytesAndReturnsTheRest()
    {
        using var bytes = new PooledBytes(_budget);
        var all = RandomNumberGenerator.GetBytes(3_000_000);
        bytes.Append(all);

        bytes.Trim(Block);

        bytes.Span.SequenceEqual(all.AsSpan(0, Block)).Should().BeTrue();
        _budget.Used.Should().Be(Block);
        bytes.Append(all.AsSpan(Block));
        bytes.Span.SequenceEqual(all).Should().BeTrue("it can grow again");
    }

    [Fact]
    public void Clear_AfterALongRun_KeepsNoMemory()
    {
        using var bytes = new PooledBytes(_budget);
        bytes.Append(new byte[Block * 3]);

        bytes.Clear();

        (bytes.Length, _budget.Used).Should().Be((0, 0));
        bytes.Append("next"u8);
        bytes.Span.SequenceEqual("next"u8).Should().BeTrue();
    }

    [Fact]
    public void RemoveFirst_OfALongRun_KeepsTheEnd()
    {
        using var bytes = new PooledBytes();
        var all = RandomNumberGenerator.GetBytes(200_000);
        bytes.Append(all);

        bytes.RemoveFirst(150_000);

        bytes.Span.SequenceEqual(all.AsSpan(150_000)).Should().BeTrue();
    }

    [Fact]
    public void GetMemory_OfALongRun_IsWrittenInPlace()
    {
        using var bytes = new PooledBytes(_budget);
        bytes.Append(new byte[Block * 2]);

        bytes.GetMemory(5).Span[0] = 42;
        bytes.Advance(1);

        bytes.Span[^1].Should().Be(42);
    }

    private sealed class CountingBudget : IByteBudget
    {
        public long Limit { get; set; } = long.MaxValue;

        public long Used { get; private set; }

        public bool TryTake(long bytes)
        {
            if (Used + bytes > Limit)
            {
                return false;
            }

            Used += bytes;
            return true;
        }

        public void Return(long bytes)
        {
            Used -= bytes;
            Used.Should().BeGreaterThanOrEqualTo(0);
        }
    }
}
