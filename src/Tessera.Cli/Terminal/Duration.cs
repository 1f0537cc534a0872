using System.Globalization;

namespace Tessera.Cli.Terminal;

/// <summary>Durations as people read them.</summary>
internal static class Duration
{
    /// <summary>Writes <c>4.2 s</c>, <c>3:05</c> (minutes and seconds) or <c>2:03:05</c>.</summary>
    public static string Text(TimeSpan time) => time.TotalSeconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"),
    };

    /// <summary>Writes a number of seconds.</summary>
    public static string Text(double seconds) => Text(TimeSpan.FromSeconds(seconds));
}
