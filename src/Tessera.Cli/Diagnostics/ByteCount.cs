using System.Globalization;

namespace Tessera.Cli.Diagnostics;

/// <summary>Numbers of bytes as people read them.</summary>
internal static class ByteCount
{
    /// <summary>Bytes in a mebibyte.</summary>
    public const long MiB = 1L << 20;

    /// <summary>Bytes in a gibibyte.</summary>
    public const long GiB = 1L << 30;

    /// <summary>The number in MiB or GiB, with one digit after the point from 1 GiB on.</summary>
    public static string Text(long bytes) => bytes >= GiB
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)GiB:F1} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB} MiB");
}
