using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Faces of traffic signs.</summary>
internal static class Signs
{
    private static readonly Rgb White = Rgb.Gray(0.88f);
    private static readonly Rgb Black = Rgb.Gray(0.05f);
    private static readonly Rgb Red = new(0.72f, 0.06f, 0.07f);
    private static readonly Rgb Blue = new(0.06f, 0.22f, 0.58f);
    private static readonly Rgb Yellow = new(0.88f, 0.68f, 0.08f);
    private static readonly Rgb Green = new(0.04f, 0.36f, 0.20f);

    /// <summary>Adds a sign at a height above a place.</summary>
    public static void Add(Scene scene, Vec3 place, float y, float half, SplittableRandom random)
    {
        Rgb worn = Rgb.Gray(random.Between(0.4f, 0.7f));
        (ShapeKind kind, Rgb border, Rgb field, Rgb mark) = random.Next(9) switch
        {
            0 => (ShapeKind.Triangle, Red, random.Pick(White, Yellow), Black),
            1 => (ShapeKind.TriangleDown, Red, White, White),
            2 => (ShapeKind.Ellipse, Red, White, Black),
            3 => (ShapeKind.Ellipse, White, Blue, White),
            4 => (ShapeKind.Ellipse, Red, Red, White),
            5 => (ShapeKind.Octagon, White, Red, White),
            6 => (ShapeKind.Diamond, random.Pick(White, Black), Yellow, Black),
            7 => (ShapeKind.Box, White, random.Pick(Blue, Green, White), random.Pick(White, Black)),
            _ => (ShapeKind.Box, worn, worn, worn),
        };
        float high = half * (kind == ShapeKind.Box ? random.Between(0.5f, 1) : 1), inner = kind is ShapeKind.Triangle or ShapeKind.TriangleDown ? 0.66f : 0.78f;
        var shapes = new List<Shape>
        {
            Shape.Inside(kind, 0, y, half, high, border),
            Shape.Inside(kind, 0, y - (kind == ShapeKind.Triangle ? high * 0.12f : kind == ShapeKind.TriangleDown ? -high * 0.12f : 0), half * inner, high * inner, field),
        };
        AddMarks(shapes, y, half * 0.42f, high * 0.38f, mark, random);
        Place(scene, shapes, place);
    }

    /// <summary>Adds a large board with lines of text, its upper edge at a height.</summary>
    public static void AddBoard(Scene scene, Vec3 place, float y, float half, float high, SplittableRandom random)
    {
        Rgb field = random.Around(random.Pick(Blue, Green, White, Yellow), 0.15f), text = field.R + field.G > 1 ? Black : White;
        var shapes = new List<Shape> { Shape.Inside(ShapeKind.Box, 0, y, half, high, text), Shape.Inside(ShapeKind.Box, 0, y, half * 0.96f, high * 0.93f, field) };
        for (int line = 0; line < 3; line++)
        {
            float end = random.Between(-0.2f, 0.8f) * half, at = y + ((1 - line) * high * 0.55f);
            for (float x = -half * 0.8f; x < end; x += half * 0.14f)
            {
                shapes.Add(Shape.Inside(ShapeKind.Box, x, at, half * 0.05f, high * random.Between(0.08f, 0.16f), text));
            }
        }

        Place(scene, shapes, place);
    }

    private static void AddMarks(List<Shape> shapes, float y, float half, float high, Rgb mark, SplittableRandom random)
    {
        int count = 1 + random.Next(3);
        for (int i = 0; i < count; i++)
        {
            float x = random.Between(-0.6f, 0.6f) * half, up = y + (random.Between(-0.5f, 0.5f) * high);
            shapes.Add(random.Chance(0.5)
                ? Shape.Inside(random.Pick(ShapeKind.Box, ShapeKind.Ellipse), x, up, half * random.Between(0.15f, 0.5f), high * random.Between(0.15f, 0.6f), mark)
                : Shape.Limb(x, up - (high * 0.6f), random.Between(-0.8f, 0.8f) * half, up + (high * 0.6f), half * 0.14f, half * 0.14f, mark));
        }
    }

    // A sign hangs before its post.
    private static void Place(Scene scene, List<Shape> shapes, Vec3 place) =>
        new ShapeSurface(LabelIds.TrafficSign, shapes, 0.06f).AddTo(scene, place - (scene.Camera.Forward with { Y = 0 } * 0.08f));
}
