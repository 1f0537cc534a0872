using System.Globalization;
using Tessera.Core;

namespace Tessera.Cli.Verification;

/// <summary>What became of one limit of a budget.</summary>
/// <param name="Name">The limit's key, dotted where it lies in a map: <c>max_estimated_ms.nash-m</c>.</param>
/// <param name="Unit">What the figures count.</param>
/// <param name="Limit">The largest figure that is allowed; null where the limit could not be measured.</param>
/// <param name="Found">The figure that was found; null where there is none.</param>
/// <param name="Text">What was found, in one sentence.</param>
internal sealed record LimitResult(string Name, string Unit, double? Limit, double? Found, string Text)
{
    /// <summary>False for a limit that one more finding denies, whatever the figure is.</summary>
    public bool IsSound { get; init; } = true;

    /// <summary>Why the limit could not be measured; null where it was.</summary>
    public TesseraException? Fault { get; private init; }

    /// <summary>The time that measuring took; several limits that one measurement answers share it.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>True where the figure was found and is not larger than the limit.</summary>
    public bool Holds => IsSound && Found <= Limit;

    /// <summary>A limit that could not be measured.</summary>
    public static LimitResult Unmeasured(string name, TesseraException fault) => new(name, "", null, null, fault.Message) { Fault = fault };

    /// <summary>A figure with its unit, as people read it.</summary>
    public string Figure(double? value) => value is { } number ? $"{number.ToString("0.####", CultureInfo.InvariantCulture)} {Unit}" : "-";
}
