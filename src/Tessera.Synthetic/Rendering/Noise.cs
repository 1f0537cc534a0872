using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Procedural textures' raw material: fixed value noise, the same for every scene, read at places that scenes draw.</summary>
internal static class Noise
{
    private const int Bits = 7;
    private const int Size = 1 << Bits;
    private const int Mask = Size - 1;

    private static readonly float[] Tile = MakeTile();

    /// <summary>Smooth noise in [0, 1], one random value per unit square's corner, repeating after 128 units.</summary>
    public static float At(float x, float y)
    {
        float left = MathF.Floor(x), top = MathF.Floor(y);
        float fx = x - left, fy = y - top;
        fx *= fx * (3 - (2 * fx));
        fy *= fy * (3 - (2 * fy));
        int x0 = (int)left & Mask, x1 = (x0 + 1) & Mask;
        int y0 = ((int)top & Mask) << Bits, y1 = (y0 + Size) & ((Mask << Bits) | Mask);
        float a = Tile[y0 | x0], b = Tile[y0 | x1], c = Tile[y1 | x0], d = Tile[y1 | x1];
        a += (b - a) * fx;
        c += (d - c) * fx;
        return a + ((c - a) * fy);
    }

    /// <summary>Three octaves of <see cref="At"/>: clouds, stains, crowns of trees.</summary>
    public static float Layered(float x, float y) =>
        (At(x, y) * 0.57f) + (At((x * 2.1f) + 17.3f, (y * 2.1f) + 5.1f) * 0.29f) + (At((x * 4.3f) + 3.7f, (y * 4.3f) + 11.9f) * 0.14f);

    /// <summary>An independent value in [0, 1) for each cell of a grid: this window, that paving stone.</summary>
    public static float Cell(int x, int y, int salt)
    {
        uint hash = ((uint)x * 0x9E3779B1) ^ ((uint)y * 0x85EBCA77) ^ ((uint)salt * 0xC2B2AE3D);
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6D;
        hash = (hash ^ (hash >> 12)) * 0x297A2D39;
        return ((hash ^ (hash >> 15)) >> 8) * (1 / 16777216f);
    }

    private static float[] MakeTile()
    {
        SplittableRandom random = SplittableRandom.For(0x7E55E7A, 1);
        var tile = new float[Size * Size];
        for (int i = 0; i < tile.Length; i++)
        {
            tile[i] = (float)random.NextDouble();
        }

        return tile;
    }
}
