namespace MixGateway.OpenAI;

/// <summary>How <c>stream_options</c> stands in a request; each form takes another edit to ask for usage.</summary>
internal enum StreamOptionsForm
{
    Absent,
    Null,
    Object,
}
