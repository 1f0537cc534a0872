using Tessera.Core;

namespace Tessera.Data;

/// <summary>Where to download from, and how patiently. The defaults are right for the official server.</summary>
public sealed record DownloadOptions
{
    /// <summary>The server: https, or http where the host is this machine itself.</summary>
    public Uri Server { get; init; } = new("https://www.cityscapes-dataset.com/");

    /// <summary>How often in a row one request may fail for a passing reason; at least 1. Bytes that arrive start the count again.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The wait after the first failure; it doubles with each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts, whatever the server asks for.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A connection on which nothing arrives for so long is given up, as if it had been cut.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Refuses a server to which a password must not be sent.</summary>
    /// <exception cref="UsageException">The server is no plain https address.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Attempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FirstDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LongestDelay, FirstDelay);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StallTimeout, TimeSpan.Zero);
        bool isWeb = Server.IsAbsoluteUri && (Server.Scheme == Uri.UriSchemeHttps || Server.Scheme == Uri.UriSchemeHttp);

        // The address itself is not repeated where it may hold a password.
        if (!isWeb || Server.UserInfo.Length > 0 || Server.Query.Length > 0 || Server.Fragment.Length > 0)
        {
            throw new UsageException("The server of the download must be a plain address like https://www.cityscapes-dataset.com/, without user name, password or query in it.");
        }

        if (Server.Scheme != Uri.UriSchemeHttps && !Server.IsLoopback)
        {
            throw new UsageException($"The server {Server} is not https; your password would travel readable. Use https://{Server.Host}/ (http is allowed to this machine itself only).");
        }
    }
}
