using System.Globalization;
using MixGateway.Forwarding;

namespace MixGateway.Hosting;

/// <summary>What the machine or container gives the process, checked before anything else: a gateway that lacks it fails later, and blames others.</summary>
internal static class HostLimits
{
    /// <summary>Below this the heap and the buffers of calls have no room; docs/operations.md, "Size".</summary>
    private const long LeastMemory = 200L * 1024 * 1024;

    /// <summary>What the heap may use of the memory, as MixGateway.csproj sets it.</summary>
    private const int HeapPercent = 55;

    /// <summary>One line for each limit that a gateway cannot run within.</summary>
    public static IEnumerable<string> Mistakes() => Mistakes(OpenFiles.Limit, HasCultures());

    /// <param name="openFiles">The limit of open files; null where it is not known.</param>
    /// <param name="hasCultures">False in .NET's globalization-invariant mode.</param>
    internal static IEnumerable<string> Mistakes(long? openFiles, bool hasCultures)
    {
        if (openFiles < OpenFiles.Least)
        {
            yield return $"Open files: the limit is {openFiles}, and an idle gateway needs about {OpenFiles.Idle}. {OpenFiles.HowToRaise}";
        }

        if (!hasCultures)
        {
            yield return "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: the console's languages and time zones need culture data. Unset it and install ICU (libicu, icu-libs), or use an image that has it, such as aspnet:10.0-noble-chiseled-extra.";
        }
    }

    /// <summary>What works, but not as well as the operator may think.</summary>
    /// <param name="cap">Connections that are served at a time; null for any number.</param>
    public static IEnumerable<string> Warnings(long? cap, LimitsOptions limits)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 100 / HeapPercent;
        return Warnings(OpenFiles.Limit, cap, memory, limits.MaxBufferedBytes);
    }

    internal static IEnumerable<string> Warnings(long? openFiles, long? cap, long memory, long? buffers)
    {
        if (cap < OpenFiles.Plenty)
        {
            yield return $"At most {cap} connections are served at a time, because the process may open only {openFiles} files. {OpenFiles.HowToRaise}";
        }

        if (memory < LeastMemory)
        {
            yield return $"The process may use {Mebibytes(memory)} MiB of memory, and 256 MiB is the least that is tested. Give it more.";
        }

        var free = memory * (100 - HeapPercent) / 100;
        if (buffers > free)
        {
            yield return $"Limits:MaxBufferedBytes is {buffers}, but beside its heap the process may use {Mebibytes(free)} MiB. Set it lower, or leave it out: the default follows the memory.";
        }
    }

    /// <summary>Invariant mode knows no culture by its name.</summary>
    private static bool HasCultures()
    {
        try
        {
            return CultureInfo.GetCultureInfo("zh-CN", predefinedOnly: true).Name.Length > 0;
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }

    private static long Mebibytes(long bytes) => bytes >> 20;
}
