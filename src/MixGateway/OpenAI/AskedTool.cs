namespace MixGateway.OpenAI;

/// <summary>A tool that a request asks the provider to run.</summary>
/// <param name="Name">As the request names it, at most 64 bytes.</param>
/// <param name="Uses">How often the caller allows it at most; 0 if the request does not say.</param>
internal readonly record struct AskedTool(string Name, long Uses);
