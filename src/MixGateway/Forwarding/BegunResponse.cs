using Microsoft.AspNetCore.Http.Features;

namespace MixGateway.Forwarding;

/// <summary>
/// A response that may have begun before its provider answered. YARP writes the provider's status into it, which the server refuses
/// once the head is out; from then on the status stays what it was.
/// </summary>
internal sealed class BegunResponse(IHttpResponseFeature inner) : IHttpResponseFeature
{
    /// <inheritdoc/>
    public int StatusCode
    {
        get => inner.StatusCode;
        set
        {
            if (!inner.HasStarted)
            {
                inner.StatusCode = value;
            }
        }
    }

    /// <inheritdoc/>
    public string? ReasonPhrase
    {
        get => inner.ReasonPhrase;
        set
        {
            if (!inner.HasStarted)
            {
                inner.ReasonPhrase = value;
            }
        }
    }

    /// <inheritdoc/>
    public IHeaderDictionary Headers
    {
        get => inner.Headers;
        set => inner.Headers = value;
    }

    /// <inheritdoc/>
    [Obsolete("Use IHttpResponseBodyFeature.Stream instead.")]
    public Stream Body
    {
        get => inner.Body;
        set => inner.Body = value;
    }

    /// <inheritdoc/>
    public bool HasStarted => inner.HasStarted;

    /// <inheritdoc/>
    public void OnStarting(Func<object, Task> callback, object state) => inner.OnStarting(callback, state);

    /// <inheritdoc/>
    public void OnCompleted(Func<object, Task> callback, object state) => inner.OnCompleted(callback, state);
}
