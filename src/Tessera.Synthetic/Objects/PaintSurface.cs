namespace Tessera.Synthetic;

/// <summary>One colour with some dirt on it.</summary>
/// <param name="label">The label id.</param>
/// <param name="colour">The colour.</param>
/// <param name="dirt">How much brightness varies, 0..1.</param>
internal sealed class PaintSurface(byte label, Rgb colour, float dirt = 0.15f) : Surface(label)
{
    public override bool Paint(ref Fragment at)
    {
        at.Albedo = colour * (1 + (dirt * (Noise.Layered(at.U * 1.7f, at.V * 1.7f) - 0.5f)));
        return true;
    }
}
