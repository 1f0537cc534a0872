using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Tessera.Compiler;

/// <summary>Figures as a reader wants them, and elements that are escaped by construction.</summary>
internal static class ReportText
{
    private const double Mega = 1e6;
    private const double Kilo = 1e3;

    /// <summary>An element; text children are escaped, characters that XML cannot hold become U+FFFD, and it is never self-closing by accident.</summary>
    /// <param name="name">The element's name.</param>
    /// <param name="cssClass">Its class, or an empty string.</param>
    /// <param name="content">Elements, attributes and strings.</param>
    public static XElement Element(string name, string cssClass, params object?[] content)
    {
        var element = new XElement(name, cssClass.Length > 0 ? new XAttribute("class", cssClass) : null);
        foreach (object? part in content)
        {
            element.Add(part is string text ? Clean(text) : part);
        }

        if (element.IsEmpty)
        {
            element.Add("");
        }

        return element;
    }

    /// <summary>An attribute; numbers are written the same everywhere.</summary>
    public static XAttribute Attribute(string name, object value) =>
        new(name, value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : Clean((string)value));

    /// <summary>Milliseconds with enough digits for their size.</summary>
    public static string Milliseconds(double value) => value switch
    {
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        >= 0.1 => value.ToString("F3", CultureInfo.InvariantCulture),
        _ => value.ToString("F4", CultureInfo.InvariantCulture),
    };

    /// <summary>Bytes in MB, kB or B (powers of ten).</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= (long)Mega => string.Create(CultureInfo.InvariantCulture, $"{bytes / Mega:F2} MB"),
        >= (long)Kilo => string.Create(CultureInfo.InvariantCulture, $"{bytes / Kilo:F1} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
    };

    /// <summary>Multiply-adds in millions.</summary>
    public static string MegaMacs(long macs) => (macs / Mega).ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>A number with a fixed count of decimals.</summary>
    public static string Fixed(double value, int decimals) => value.ToString($"F{decimals}", CultureInfo.InvariantCulture);

    /// <summary>A value on an axis, without trailing zeros.</summary>
    public static string Axis(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>A length or a coordinate in a chart.</summary>
    public static string Coordinate(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The first of 1, 2, 5 × a power of ten that divides a range into at most <paramref name="parts"/> parts.</summary>
    public static double NiceStep(double range, int parts)
    {
        double step = Math.Pow(10, Math.Floor(Math.Log10(range / parts)));
        return new[] { 1.0, 2, 5, 10 }.Select(factor => factor * step).First(candidate => range / candidate <= parts);
    }

    private static string Clean(string text) => text.All(XmlConvert.IsXmlChar) ? text : string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) ? c : '\uFFFD'));
}
