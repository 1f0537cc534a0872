namespace Tessera.Data;

/// <summary>Something failed that may work a moment later: a cut connection, a busy server. Never leaves the download.</summary>
/// <param name="message">What happened, a clause without a full stop.</param>
/// <param name="retryAfter">How long the server asks to wait, if it does.</param>
/// <param name="inner">The fault below.</param>
internal sealed class TransientFaultException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan? RetryAfter => retryAfter;
}
