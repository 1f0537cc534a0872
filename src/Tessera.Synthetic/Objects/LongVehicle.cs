namespace Tessera.Synthetic;

/// <summary>How the box of a truck, bus or tram looks.</summary>
internal sealed record BodyLook
{
    /// <summary>The label id.</summary>
    public required byte Label { get; init; }

    public required Rgb Paint { get; init; }

    /// <summary>Colour of the band along the body.</summary>
    public required Rgb Band { get; init; }

    /// <summary>Where the band lies, metres above the ground.</summary>
    public (float From, float To) BandHeight { get; init; }

    /// <summary>Where the side windows lie, metres above the ground; none where equal.</summary>
    public (float From, float To) Windows { get; init; }

    /// <summary>Metres from window to window.</summary>
    public float WindowPitch { get; init; } = 1.4f;

    /// <summary>Metres from door to door; 0: no doors.</summary>
    public float Doors { get; init; }

    public float Clearance { get; init; } = 0.35f;

    /// <summary>Radius of the wheels; 0: hidden, as a tram's.</summary>
    public float Wheel { get; init; } = 0.48f;

    /// <summary>Places of the axles, metres from the rear.</summary>
    public float[] Axles { get; init; } = [];

    /// <summary>Metres between the ribs of a container or the folds of a tarpaulin; 0: smooth.</summary>
    public float Ribs { get; init; }

    /// <summary>Letters on the side, 0..1 of the height; 0: none.</summary>
    public float Letters { get; init; }

    public Rgb Mirrored { get; init; }

    public bool LampsOn { get; init; }

    public int Salt { get; init; }
}

/// <summary>A long side: U metres from the rear, V above the ground.</summary>
internal sealed class BodySide(BodyLook look, float top) : Surface(look.Label)
{
    public override bool Paint(ref Fragment at)
    {
        float u = at.U, v = at.V;
        foreach (float axle in look.Axles)
        {
            float du = u - axle, dv = v - look.Wheel, wheel = ((du * du) + (dv * dv)) / (look.Wheel * look.Wheel);
            if (wheel < 1)
            {
                at.Albedo = Rgb.Gray(wheel < 0.3f ? 0.35f : 0.05f);
                return true;
            }

            if (wheel < 1.3f && v > look.Clearance)
            {
                at.Albedo = Rgb.Gray(0.05f);
                return true;
            }
        }

        if (v < look.Clearance)
        {
            return false;
        }

        (float from, float to) = look.Windows;
        bool door = look.Doors > 0 && MathF.Abs(ExactMath.Fraction(u / look.Doors) - 0.5f) * look.Doors < 0.65f;
        if ((v > from && v < to) || (door && v > look.Clearance + 0.1f && v < to))
        {
            float pane = ExactMath.Fraction(door ? u / 0.65f : u / look.WindowPitch), frame = door ? 0.08f : 0.05f;
            at.Albedo = Rgb.Gray(pane < frame ? 0.1f : 0.06f + (0.12f * Noise.At((u * 2.2f) + (look.Salt & 31), v * 2.2f)));
            at.Glow = pane < frame ? default : look.Mirrored * (0.12f + (0.25f * (v - from) / (to - from))) + (look.LampsOn ? new Rgb(0.45f, 0.40f, 0.28f) : default);
            return true;
        }

        at.Albedo = v > look.BandHeight.From && v < look.BandHeight.To ? look.Band : look.Paint;
        if (look.Letters > 0 && MathF.Abs(v - (top * 0.6f)) < look.Letters && Noise.At(u * 2.4f, (v * 0.9f) + (look.Salt & 63)) > 0.62f)
        {
            at.Albedo = look.Band;
        }

        float rib = look.Ribs > 0 ? (ExactMath.Fraction(u / look.Ribs) - 0.5f) * 0.25f * Detail(look.Ribs, at.Footprint) : 0;
        at.Albedo *= 0.88f + (0.1f * v / top) + rib + (0.12f * (Noise.Layered(u * 0.6f, v) - 0.5f));
        return true;
    }
}

/// <summary>A front or rear: U metres from its left edge, V above the ground.</summary>
/// <param name="look">The body's look.</param>
/// <param name="width">Width of the body.</param>
/// <param name="top">Height of the body.</param>
/// <param name="glass">Where its window lies; equal heights: none.</param>
/// <param name="front">Whether it is the front.</param>
internal sealed class BodyEnd(BodyLook look, float width, float top, (float From, float To) glass, bool front) : Surface(look.Label)
{
    public override bool Paint(ref Fragment at)
    {
        float aside = MathF.Abs(at.U - (width / 2)), half = width / 2, v = at.V;
        if (v < look.Clearance)
        {
            at.Albedo = Rgb.Gray(0.04f);
            return look.Wheel > 0 && aside > half - 0.4f;
        }

        float lamp = look.Clearance + 0.45f;
        if (v > glass.From && v < glass.To && aside < half - 0.1f)
        {
            at.Albedo = Rgb.Gray(0.07f);
            at.Glow = look.Mirrored * (0.12f + (0.3f * (v - glass.From) / (glass.To - glass.From)));
        }
        else if (MathF.Abs(v - lamp) < 0.13f && aside > half - 0.5f && aside < half - 0.1f)
        {
            at.Albedo = front ? Rgb.Gray(0.8f) : new Rgb(0.55f, 0.05f, 0.04f);
            at.Glow = !look.LampsOn ? default : front ? new Rgb(1.3f, 1.2f, 1f) : new Rgb(0.8f, 0.06f, 0.04f);
        }
        else if (front && glass.To > glass.From && v > glass.To && v < glass.To + 0.3f && aside < half * 0.6f)
        {
            // The destination's display, or a name.
            at.Albedo = Rgb.Gray(0.05f);
            at.Glow = Noise.Cell((int)MathF.Floor(at.U * 9), (int)MathF.Floor(v * 9), look.Salt) > 0.5f ? new Rgb(0.5f, 0.34f, 0.08f) : default;
        }
        else
        {
            bool doors = !front && look.Ribs > 0 && aside < 0.03f;
            at.Albedo = (v > look.BandHeight.From && v < look.BandHeight.To ? look.Band : look.Paint) * (doors ? 0.5f : v < look.Clearance + 0.25f ? 0.3f : 0.9f + (0.1f * v / top));
        }

        return true;
    }
}
