namespace Tessera.Synthetic;

/// <summary>
/// A grid over the ground: where an object keeps the sun away, and where one stands so close that it keeps the sky away too.
/// Objects enter with their footprint; the sun's direction and their height stretch it.
/// </summary>
internal sealed class ShadowMap(Vec3 sun)
{
    private const float CellsPerMetre = 4;
    private const float Left = -36;
    private const float Nearest = -8;
    private const int Columns = 288;
    private const int Rows = 480;

    // A low sun would throw shadows across the whole grid; beyond this they are soft and faint anyway.
    private const float LongestPerHeight = 3.5f;

    private readonly byte[] _sun = new byte[Columns * Rows];
    private readonly byte[] _sky = new byte[Columns * Rows];

    private readonly float _shiftX = -sun.X / MathF.Max(sun.Y, 1 / LongestPerHeight);
    private readonly float _shiftZ = -sun.Z / MathF.Max(sun.Y, 1 / LongestPerHeight);

    /// <summary>Adds an object that stands on the ground.</summary>
    /// <param name="footprint">Its corners on the ground, convex.</param>
    /// <param name="bottom">Where it begins, metres above the ground.</param>
    /// <param name="top">Where it ends, metres above the ground.</param>
    public void Add(ReadOnlySpan<(float X, float Z)> footprint, float bottom, float top)
    {
        Span<(float X, float Z)> points = stackalloc (float, float)[footprint.Length * 2];
        for (int i = 0; i < footprint.Length; i++)
        {
            (float x, float z) = footprint[i];
            points[2 * i] = (x + (_shiftX * bottom), z + (_shiftZ * bottom));
            points[(2 * i) + 1] = (x + (_shiftX * top), z + (_shiftZ * top));
        }

        Fill(_sun, points);
        if (bottom < 0.6f)
        {
            Fill(_sky, footprint);
        }
    }

    /// <summary>Adds a round object, for example a crown of leaves.</summary>
    public void AddRound(float x, float z, float radius, float bottom, float top)
    {
        Span<(float X, float Z)> octagon = stackalloc (float, float)[8];
        float short8 = radius * 0.41f;
        octagon[0] = (x + radius, z + short8);
        octagon[1] = (x + short8, z + radius);
        octagon[2] = (x - short8, z + radius);
        octagon[3] = (x - radius, z + short8);
        octagon[4] = (x - radius, z - short8);
        octagon[5] = (x - short8, z - radius);
        octagon[6] = (x + short8, z - radius);
        octagon[7] = (x + radius, z - short8);
        Add(octagon, bottom, top);
    }

    /// <summary>The share of sunlight that does not arrive at a place on the ground, 0..1.</summary>
    public float Sun(float x, float z) => Read(_sun, x, z);

    /// <summary>The share of the sky that objects right above hide, 0..1.</summary>
    public float Sky(float x, float z) => Read(_sky, x, z);

    private static float Read(byte[] map, float x, float z)
    {
        float column = ((x - Left) * CellsPerMetre) - 0.5f, row = ((z - Nearest) * CellsPerMetre) - 0.5f;
        if (!(column >= 0 && row >= 0 && column < Columns - 1 && row < Rows - 1))
        {
            return 0;
        }

        int c = (int)column, r = (int)row, i = (r * Columns) + c;
        float fx = column - c, fz = row - r;
        float near = map[i] + ((map[i + 1] - map[i]) * fx), far = map[i + Columns] + ((map[i + Columns + 1] - map[i + Columns]) * fx);
        return near + ((far - near) * fz);
    }

    /// <summary>Fills the convex hull: in each row, from the leftmost to the rightmost of all lines between two points.</summary>
    private static void Fill(byte[] map, ReadOnlySpan<(float X, float Z)> points)
    {
        float nearest = float.MaxValue, farthest = float.MinValue;
        foreach ((float _, float z) in points)
        {
            nearest = MathF.Min(nearest, z);
            farthest = MathF.Max(farthest, z);
        }

        int first = Math.Max(0, (int)MathF.Floor((nearest - Nearest) * CellsPerMetre)), last = Math.Min(Rows - 1, (int)MathF.Floor((farthest - Nearest) * CellsPerMetre));
        for (int row = first; row <= last; row++)
        {
            float z = Math.Clamp(((row + 0.5f) / CellsPerMetre) + Nearest, nearest, farthest);
            (float from, float to) = Cut(points, z);
            int left = Math.Max(0, (int)MathF.Round((from - Left) * CellsPerMetre)), right = Math.Min(Columns, (int)MathF.Round((to - Left) * CellsPerMetre));
            if (right > left)
            {
                map.AsSpan((row * Columns) + left, right - left).Fill(1);
            }
        }
    }

    private static (float From, float To) Cut(ReadOnlySpan<(float X, float Z)> points, float z)
    {
        float from = float.MaxValue, to = float.MinValue;
        for (int i = 0; i < points.Length; i++)
        {
            for (int j = i + 1; j < points.Length; j++)
            {
                (float ax, float az) = points[i];
                (float bx, float bz) = points[j];
                if ((az <= z && bz >= z) || (bz <= z && az >= z))
                {
                    float x = az == bz ? ax : ax + ((bx - ax) * ((z - az) / (bz - az)));
                    from = MathF.Min(from, MathF.Min(x, az == bz ? bx : x));
                    to = MathF.Max(to, MathF.Max(x, az == bz ? bx : x));
                }
            }
        }

        return (from, to);
    }
}
