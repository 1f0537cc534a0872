namespace Tessera.Synthetic;

/// <summary>One pixel of a face while it is painted.</summary>
internal struct Fragment
{
    /// <summary>First texture coordinate, usually metres along the face.</summary>
    public float U;

    /// <summary>Second texture coordinate, usually metres above the ground.</summary>
    public float V;

    /// <summary>Metres of the face that the pixel spans; patterns finer than this fade to their mean.</summary>
    public float Footprint;

    /// <summary>Set by the surface: the share of each colour that it reflects.</summary>
    public Rgb Albedo;

    /// <summary>Set by the surface: the light that it gives off itself.</summary>
    public Rgb Glow;
}

/// <summary>What a face looks like. One class (label) per surface, so that a pixel's colour and label always come from the same object.</summary>
internal abstract class Surface(byte label)
{
    /// <summary>The label id of every pixel that it covers.</summary>
    public byte Label { get; } = label;

    /// <summary>Paints a pixel; false where the object has a hole or ends.</summary>
    public abstract bool Paint(ref Fragment at);

    /// <summary>How much of a pattern of this period is still seen: 1 near, 0 where pixels are wider than half of it.</summary>
    protected static float Detail(float period, float footprint) => ExactMath.Clamp01(((0.6f * period) - footprint) / (0.35f * period));
}
