using System.Diagnostics;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace MixGateway.Diagnostics;

/// <summary>
/// Stands before the sinks that the <c>Serilog</c> section adds, which write events in forms of their own: none of them gets a credential,
/// neither in the message nor in a property or an exception. The console's lines are redacted whole, by <see cref="RedactingFormatter"/>.
/// </summary>
internal sealed class RedactingSink(Logger sinks, Redactor redactor) : ILogEventSink, IDisposable
{
    private static readonly MessageTemplateParser Parser = new();

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent) => sinks.Write(Redact(logEvent));

    /// <inheritdoc/>
    public void Dispose() => sinks.Dispose();

    /// <returns>The event itself where it holds no credential, which is nearly always.</returns>
    internal LogEvent Redact(LogEvent entry)
    {
        var isChanged = false;
        List<LogEventProperty> properties = new(entry.Properties.Count);
        foreach (var (name, value) in entry.Properties)
        {
            var clean = Redact(value, Before(entry.MessageTemplate, name), name);
            isChanged |= clean != value;
            properties.Add(new LogEventProperty(name, clean));
        }

        var template = redactor.Redact(entry.MessageTemplate.Text);
        var exception = entry.Exception is { } thrown && redactor.Redact(thrown.ToString()) is var text && text != thrown.ToString() ? new RedactedException(text) : entry.Exception;
        isChanged |= template != entry.MessageTemplate.Text || exception != entry.Exception;
        return isChanged
            ? new LogEvent(entry.Timestamp, entry.Level, exception, Parser.Parse(template), properties, entry.TraceId ?? default(ActivityTraceId), entry.SpanId ?? default(ActivitySpanId))
            : entry;
    }

    /// <summary>What a value is called, and what stands before it in the message, may be what tells that it is a credential.</summary>
    private LogEventPropertyValue Redact(LogEventPropertyValue value, string before, string name)
    {
        switch (value)
        {
            case ScalarValue { Value: { } scalar } when scalar is string or Uri or not (ValueType or string):
                var text = scalar.ToString() ?? "";
                var clean = After(name + "=", After(before, redactor.Redact(text)));
                return clean == text ? value : new ScalarValue(clean);
            case SequenceValue sequence:
                var elements = sequence.Elements.Select(element => Redact(element, "", name)).ToArray();
                return elements.SequenceEqual(sequence.Elements) ? value : new SequenceValue(elements);
            case StructureValue structure:
                var members = structure.Properties.Select(member => new LogEventProperty(member.Name, Redact(member.Value, "", member.Name))).ToArray();
                return members.Select(static member => member.Value).SequenceEqual(structure.Properties.Select(static member => member.Value)) ? value : new StructureValue(members, structure.TypeTag);
            case DictionaryValue dictionary:
                var entries = dictionary.Elements.Select(entry => KeyValuePair.Create(entry.Key, Redact(entry.Value, "", entry.Key.Value?.ToString() ?? ""))).ToArray();
                return entries.Select(static entry => entry.Value).SequenceEqual(dictionary.Elements.Values) ? value : new DictionaryValue(entries);
            default:
                return value;
        }
    }

    /// <summary>Redacts a text where it stands behind another one, which itself stays.</summary>
    private string After(string before, string text)
    {
        var whole = redactor.Redact(before + text);
        return whole.StartsWith(before, StringComparison.Ordinal) ? whole[before.Length..] : text;
    }

    private static string Before(MessageTemplate template, string name)
    {
        var before = "";
        foreach (var token in template.Tokens)
        {
            if (token is PropertyToken property && property.PropertyName == name)
            {
                return before;
            }

            before = token is TextToken text ? text.Text : "";
        }

        return "";
    }

    /// <summary>An exception as a sink writes it: its text, stack and inner ones included.</summary>
    private sealed class RedactedException(string text) : Exception(text.Split('\n')[0])
    {
        public override string ToString() => text;
    }
}
