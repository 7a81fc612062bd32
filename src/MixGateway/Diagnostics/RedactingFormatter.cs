using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;

namespace MixGateway.Diagnostics;

/// <summary>Writes a line of the log as another formatter does, without credentials: message, properties and exception alike.</summary>
internal sealed class RedactingFormatter(ITextFormatter inner, Redactor redactor) : ITextFormatter
{
    private const int LargestKept = 16 * 1024;

    [ThreadStatic]
    private static StringWriter? _line;

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        var line = _line ??= new StringWriter(CultureInfo.InvariantCulture);
        inner.Format(logEvent, line);
        output.Write(redactor.Redact(line.ToString()));
        line.GetStringBuilder().Clear();
        if (line.GetStringBuilder().Capacity > LargestKept)
        {
            _line = null;
        }
    }
}
