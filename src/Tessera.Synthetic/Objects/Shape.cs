namespace Tessera.Synthetic;

/// <summary>The outlines that flat figures are made of.</summary>
internal enum ShapeKind
{
    /// <summary>A line from A to B, of radius RadiusA at A and RadiusB at B.</summary>
    Limb,

    /// <summary>A ring around A of radius RadiusA, RadiusB thick, squeezed sideways to B.X of its width.</summary>
    Ring,

    /// <summary>A rectangle with opposite corners A and B.</summary>
    Box,

    /// <summary>A triangle inside the box from A to B, its tip up.</summary>
    Triangle,

    /// <summary>A triangle inside the box from A to B, its tip down.</summary>
    TriangleDown,

    /// <summary>An octagon that fills the box from A to B.</summary>
    Octagon,

    /// <summary>A square on its tip that fills the box from A to B.</summary>
    Diamond,

    /// <summary>An ellipse that fills the box from A to B.</summary>
    Ellipse,
}

/// <summary>A part of a flat figure, in metres: X to the right, Y up.</summary>
internal readonly record struct Shape(ShapeKind Kind, float Ax, float Ay, float Bx, float By, float RadiusA, float RadiusB, Rgb Colour, float Glow = 0)
{
    /// <summary>A thick line.</summary>
    public static Shape Limb(float ax, float ay, float bx, float by, float radiusA, float radiusB, Rgb colour) =>
        new(ShapeKind.Limb, ax, ay, bx, by, radiusA, radiusB, colour);

    /// <summary>A shape inside a box around a centre.</summary>
    public static Shape Inside(ShapeKind kind, float x, float y, float halfWidth, float halfHeight, Rgb colour, float glow = 0) =>
        new(kind, x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, 0, 0, colour, glow);

    /// <summary>The left, right, lower and upper border.</summary>
    public (float Left, float Right, float Bottom, float Top) Bounds => Kind switch
    {
        ShapeKind.Limb => (MathF.Min(Ax - RadiusA, Bx - RadiusB), MathF.Max(Ax + RadiusA, Bx + RadiusB), MathF.Min(Ay - RadiusA, By - RadiusB), MathF.Max(Ay + RadiusA, By + RadiusB)),
        ShapeKind.Ring => (Ax - RadiusA - RadiusB, Ax + RadiusA + RadiusB, Ay - RadiusA - RadiusB, Ay + RadiusA + RadiusB),
        _ => (Ax, Bx, Ay, By),
    };

    /// <summary>Whether a point is inside, and how round the shape looks there: 1 in its middle, less towards its edge.</summary>
    /// <param name="x">The point.</param>
    /// <param name="y">The point.</param>
    /// <param name="least">Lines are at least this thick, so that pixels meet them.</param>
    /// <param name="relief">Receives the brightness.</param>
    public bool Covers(float x, float y, float least, out float relief)
    {
        relief = 1;
        switch (Kind)
        {
            case ShapeKind.Limb:
                float dx = Bx - Ax, dy = By - Ay, length = (dx * dx) + (dy * dy);
                float along = length == 0 ? 0 : ExactMath.Clamp01((((x - Ax) * dx) + ((y - Ay) * dy)) / length);
                float ox = x - Ax - (along * dx), oy = y - Ay - (along * dy), radius = MathF.Max(least, RadiusA + ((RadiusB - RadiusA) * along));
                float share = ((ox * ox) + (oy * oy)) / (radius * radius);
                relief = 1 - (0.35f * share) - (0.12f * ox / radius);
                return share <= 1;
            case ShapeKind.Ring:
                float rx = (x - Ax) / MathF.Max(Bx, 0.12f), ry = y - Ay;
                return MathF.Abs(MathF.Sqrt((rx * rx) + (ry * ry)) - RadiusA) <= MathF.Max(least, RadiusB);
        }

        if (x < Ax || x > Bx || y < Ay || y > By)
        {
            return false;
        }

        float u = ((x - Ax) / (Bx - Ax) * 2) - 1, v = ((y - Ay) / (By - Ay) * 2) - 1, cornering = MathF.Abs(u) + MathF.Abs(v);
        return Kind switch
        {
            ShapeKind.Triangle => MathF.Abs(u) <= (1 - v) / 2,
            ShapeKind.TriangleDown => MathF.Abs(u) <= (1 + v) / 2,
            ShapeKind.Octagon => cornering <= 1.414f,
            ShapeKind.Diamond => cornering <= 1,
            ShapeKind.Ellipse => (u * u) + (v * v) <= 1,
            _ => true,
        };
    }
}
