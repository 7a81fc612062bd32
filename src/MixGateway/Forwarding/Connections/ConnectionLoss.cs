namespace MixGateway.Forwarding.Connections;

/// <summary>What the loss of a connection says about the request that it carried.</summary>
internal enum ConnectionLoss
{
    /// <summary>No connection was lost: the provider answered, did not answer in time, or somebody else ended the attempt.</summary>
    None,

    /// <summary>The provider certainly did not process the request.</summary>
    Unprocessed,

    /// <summary>The provider may have processed the request.</summary>
    Unanswered,
}

/// <summary>Why a request was certainly not processed.</summary>
internal enum ResendReason
{
    /// <summary>There was no connection.</summary>
    ConnectFailed,

    /// <summary>The provider refused the stream (RFC 9113 §8.7).</summary>
    StreamRefused,

    /// <summary>The provider wound the connection down and named the last request that it took (RFC 9113 §6.8).</summary>
    WoundDown,

    /// <summary>A kept connection closed before any byte of an answer (RFC 9112 §9.3.1).</summary>
    KeptConnectionClosed,
}
