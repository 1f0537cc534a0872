namespace Tessera.Data;

/// <summary>What a download is busy with.</summary>
public enum DownloadPhase
{
    /// <summary>Bytes arrive.</summary>
    Receiving,

    /// <summary>The server or the connection failed for a moment; the next attempt starts soon.</summary>
    Waiting,

    /// <summary>The file on the disk is read for its MD5 sum.</summary>
    Checking,
}

/// <summary>How far a download is; reported at most some five times a second, and at the start and the end of each phase.</summary>
/// <param name="Package">The package's name.</param>
/// <param name="Phase">What goes on.</param>
/// <param name="Bytes">Bytes of the package on the disk, or bytes checked; less than before where the server made a transfer start again.</param>
/// <param name="TotalBytes">The package's size, or null as long as the server has not told it.</param>
/// <param name="BytesPerSecond">The mean rate since this connection or this check began; 0 where there is none.</param>
/// <param name="TimeLeft">The time left at this rate, or null where it is not known.</param>
/// <param name="Note">While waiting: why, and for how long. Otherwise null.</param>
public sealed record DownloadProgress(
    string Package, DownloadPhase Phase, long Bytes, long? TotalBytes, double BytesPerSecond, TimeSpan? TimeLeft, string? Note = null);
