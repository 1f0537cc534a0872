using Tessera.Data;

namespace Tessera.Synthetic.Tests;

public sealed class RasterizerTests
{
    private const int Height = 64;
    private const int Width = 128;

    private readonly Camera _camera = new(Height, Width, SplittableRandom.For(1));
    private readonly Daylight _daylight = new(SplittableRandom.For(2));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_nearest_face_gives_colour_and_label_in_any_order(bool reversed)
    {
        List<Face> faces = [Wall(10, new Plain(26, 0.2f)), Wall(20, new Plain(11, 0.9f)), Wall(15, new Plain(24, 0.5f))];
        if (reversed)
        {
            faces.Reverse();
        }

        Canvas canvas = Draw(faces);
        Assert.All(canvas.Labels, label => Assert.Equal(26, label));
        Assert.Equal(Draw([Wall(10, new Plain(26, 0.2f))]).Colour, canvas.Colour);
    }

    [Fact]
    public void Holes_show_what_is_behind_in_colour_and_label()
    {
        Canvas canvas = Draw([Wall(10, new Striped()), Wall(20, new Plain(11, 0.9f))]);
        Assert.Equal([(byte)11, (byte)13], canvas.Labels.Distinct().Order());

        // Every pixel of a label has that face's one colour: a pixel cannot take its colour from one and its label from the other.
        for (int i = 0; i < canvas.Labels.Length; i++)
        {
            bool bright = canvas.Colour[i * 3] > Draw20Percent();
            Assert.Equal(canvas.Labels[i] == 11, bright);
        }

        float Draw20Percent() => (Draw([Wall(10, new Plain(13, 0.1f))]).Colour[0] + Draw([Wall(20, new Plain(11, 0.9f))]).Colour[0]) / 2;
    }

    [Fact]
    public void A_face_covers_the_pixels_whose_centres_project_into_it()
    {
        Vec3[] corners = [new(-1.3f, 0.4f, 9), new(1.1f, 0.2f, 8), new(0.4f, 2.6f, 10)];
        Canvas canvas = Draw([new Face(corners, corners[0], new Vec3(1, 0, 0), Vec3.UpAxis, new Vec3(0, 0, -1), new Plain(20, 1))]);
        (float X, float Y)[] points = [.. corners.Select(_camera.Project)];
        int covered = 0;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                double[] sides = [.. Enumerable.Range(0, 3).Select(i => Side(points[i], points[(i + 1) % 3], x + 0.5, y + 0.5))];
                bool inside = sides.All(side => side > 0) || sides.All(side => side < 0);

                // Within a thousandth of a pixel of an edge rounding decides.
                if (sides.All(side => Math.Abs(side) > 1e-3))
                {
                    Assert.Equal(inside ? 20 : 0, canvas.Labels[(y * Width) + x]);
                    covered += inside ? 1 : 0;
                }
            }
        }

        Assert.InRange(covered, 20, 2000);
    }

    [Fact]
    public void Texture_coordinates_are_those_of_the_point_that_the_pixel_sees()
    {
        // Tilted away from the camera, so that only division by the depth gives the right place.
        Vec3[] corners = [new(-4, 0.1f, 4), new(4, 0.1f, 4), new(4, 0.5f, 40), new(-4, 0.5f, 40)];
        var seen = new Recorder();
        Draw([new Face(corners, default, new Vec3(1, 0, 0), new Vec3(0, 0, 1), Vec3.UpAxis, seen)]);
        Assert.True(seen.Places.Count > 100);
        foreach ((float u, float v) in seen.Places)
        {
            (float x, float y) = _camera.Project(new Vec3(u, 0.1f + (0.4f * (v - 4) / 36), v));
            Assert.Equal(0.5, ExactMath.Fraction(x), 0.01);
            Assert.Equal(0.5, ExactMath.Fraction(y), 0.01);
        }
    }

    [Fact]
    public void A_face_through_the_camera_is_cut_and_one_behind_it_is_not_drawn()
    {
        Vec3 right = new(1, 0, 0);
        Face floor = new([new(-50, 0, -50), new(50, 0, -50), new(50, 0, 50), new(-50, 0, 50)], default, right, new Vec3(0, 0, 1), Vec3.UpAxis, new Plain(7, 0.5f));
        Canvas canvas = Draw([floor, Wall(-5, new Plain(11, 0.5f))]);
        Assert.Equal([(byte)0, (byte)7], canvas.Labels.Distinct().Order());
        Assert.Equal(7, canvas.Labels[^1]);
    }

    private static double Side((float X, float Y) a, (float X, float Y) b, double x, double y)
    {
        double dx = b.X - a.X, dy = b.Y - a.Y;
        return ((dx * (y - a.Y)) - (dy * (x - a.X))) / Math.Sqrt((dx * dx) + (dy * dy));
    }

    private static Face Wall(float z, Surface surface) =>
        new([new(-90, -90, z), new(90, -90, z), new(90, 90, z), new(-90, 90, z)], default, new Vec3(1, 0, 0), Vec3.UpAxis, new Vec3(0, 0, -1), surface);

    private Canvas Draw(List<Face> faces)
    {
        var canvas = new Canvas(Height, Width);
        new Rasterizer(canvas, _camera, _daylight, new ShadowMap(_daylight.Sun)).Draw(faces);
        return canvas;
    }

    private sealed class Plain(byte label, float level) : Surface(label)
    {
        public override bool Paint(ref Fragment at)
        {
            at.Albedo = Rgb.Gray(level);
            return true;
        }
    }

    private sealed class Striped() : Surface(13)
    {
        public override bool Paint(ref Fragment at)
        {
            at.Albedo = Rgb.Gray(0.1f);
            return ExactMath.Fraction(at.U) < 0.5f;
        }
    }

    private sealed class Recorder() : Surface(7)
    {
        public List<(float U, float V)> Places { get; } = [];

        public override bool Paint(ref Fragment at)
        {
            Places.Add((at.U, at.V));
            return true;
        }
    }
}
