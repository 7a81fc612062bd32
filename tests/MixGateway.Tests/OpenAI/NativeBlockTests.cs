using System.Globalization;
using System.Security.Cryptography;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

/// <summary>On Linux; elsewhere there are no such blocks and arrays serve.</summary>
public sealed class NativeBlockTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void Block_ThatGrows_KeepsItsBytes()
    {
        using var block = Create(100_000);
        var expected = RandomNumberGenerator.GetBytes(100_000);
        expected.CopyTo(block.GetSpan());

        block.TryGrow(64 * MiB).Should().BeTrue();

        block.Capacity.Should().BeGreaterThanOrEqualTo(64 * MiB);
        block.GetSpan()[..expected.Length].SequenceEqual(expected).Should().BeTrue();
        block.GetSpan()[^1].Should().Be(0);
    }

    /// <summary>The point of it: room costs nothing, a byte costs a page, and what is trimmed is gone at once.</summary>
    [Fact]
    public void Block_WithRoomForMuch_CostsWhatWasWritten()
    {
        using var block = Create(512 * MiB);
        var before = Resident();

        block.GetSpan()[0] = 1;
        var first = Resident() - before;
        block.GetSpan()[..(200 * MiB)].Fill(1);
        var filled = Resident() - before;
        block.Trim(64 * 1024);
        var trimmed = Resident() - before;

        // Other tests of this process run at the same time.
        first.Should().BeLessThan(50 * MiB);
        filled.Should().BeGreaterThan(150 * MiB);
        trimmed.Should().BeLessThan(50 * MiB);
    }

    [Fact]
    public void Pin_OfABlockThatIsDisposed_KeepsItsMemoryUntilUnpinned()
    {
        var block = NativeBlock.TryCreate(300 * MiB)!;
        block.GetSpan().Fill(1);
        var filled = Resident();
        var pin = block.Memory.Pin();

        ((IDisposable)block).Dispose();

        var pinned = Resident() - filled;
        pin.Dispose();
        var unpinned = Resident() - filled;
        pinned.Should().BeGreaterThan(-100 * MiB);
        unpinned.Should().BeLessThan(-200 * MiB);
        block.Invoking(static gone => gone.Pin()).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void TryCreate_OfMoreThanThereIs_ReturnsNullOrABlock()
    {
        using var owner = NativeBlock.TryCreate(int.MaxValue);

        owner?.Capacity.Should().BeGreaterThan(MiB);
    }

    private static NativeBlock Create(int capacity)
    {
        NativeBlock.IsSupported.Should().Be(OperatingSystem.IsLinux());
        return NativeBlock.TryCreate(capacity)!;
    }

    /// <summary>Bytes of this process in memory that no file backs.</summary>
    private static long Resident()
    {
        var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
