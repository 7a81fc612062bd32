namespace MixGateway.Forwarding;

/// <summary>Tells JSON from an event stream by its first bytes.</summary>
internal static class AnswerForms
{
    /// <param name="bytes">Without a byte order mark and without leading space; at least one.</param>
    /// <param name="certain">False if more bytes may say otherwise.</param>
    public static AnswerForm Tell(ReadOnlySpan<byte> bytes, out bool certain)
    {
        certain = true;
        switch (bytes[0])
        {
            case (byte)'{':
                return AnswerForm.Json;
            case (byte)':':
                return AnswerForm.EventStream;
        }

        if (IsField(bytes, "data"u8, ref certain) || IsField(bytes, "event"u8, ref certain) || IsField(bytes, "id"u8, ref certain) || IsField(bytes, "retry"u8, ref certain))
        {
            return AnswerForm.EventStream;
        }

        return AnswerForm.Unknown;
    }

    /// <summary>A line of the stream begins with the name of a field and a colon, or is the name alone (WHATWG HTML §9.2.5).</summary>
    private static bool IsField(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name, ref bool certain)
    {
        if (bytes.Length <= name.Length)
        {
            certain &= !name.StartsWith(bytes);
            return false;
        }

        return bytes.StartsWith(name) && bytes[name.Length] is (byte)':' or (byte)'\n' or (byte)'\r';
    }
}
