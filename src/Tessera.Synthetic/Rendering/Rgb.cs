namespace Tessera.Synthetic;

/// <summary>A colour or an amount of light; 1 is white, more is possible.</summary>
internal readonly record struct Rgb(float R, float G, float B)
{
    public static Rgb operator *(Rgb a, float s) => new(a.R * s, a.G * s, a.B * s);

    public static Rgb operator *(Rgb a, Rgb b) => new(a.R * b.R, a.G * b.G, a.B * b.B);

    public static Rgb operator +(Rgb a, Rgb b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Rgb Gray(float value) => new(value, value, value);

    /// <summary>A share of the way to another colour, 0..1.</summary>
    public Rgb Towards(Rgb other, float share) =>
        new(R + ((other.R - R) * share), G + ((other.G - G) * share), B + ((other.B - B) * share));
}
