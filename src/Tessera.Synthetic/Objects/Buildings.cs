using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Houses: boxes with façades, some with a pitched roof.</summary>
internal static class Buildings
{
    /// <summary>Adds a house beside the street.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="near">Where it begins, metres along the street.</param>
    /// <param name="far">Where it ends.</param>
    /// <param name="side">-1 left, 1 right.</param>
    /// <param name="front">Metres from the street's axis to its façade.</param>
    /// <param name="random">Draws the house.</param>
    public static void Add(Scene scene, float near, float far, int side, float front, SplittableRandom random)
    {
        CityStyle style = scene.Style;
        var look = new FacadeLook(style, scene.Daylight, random);
        float floors = MathF.Max(1, MathF.Round(style.Floors * random.Between(0.5f, 1.6f)));
        float height = (floors * look.FloorHeight) + (look.Shops ? look.ShopHeight : 0.4f) + random.Between(0.5f, 1.4f), depth = random.Between(9, 16);
        bool pitched = floors <= 5 && random.Chance(style.Gables);
        Vec3 a = scene.Plan.World(near, side * front), b = scene.Plan.World(far, side * front);
        Vec3 along = (b - a) * (1 / (b - a).Length), inwards = new Vec3(along.Z, 0, -along.X) * side, up = Vec3.UpAxis;
        Vec3 back = inwards * depth, top = up * height;

        scene.AddSide(inwards * -1, a, along, up, new Facade(look, (b - a).Length, height, blank: false), a, b, b + top, a + top);
        scene.AddSide(along * -1, a, inwards, up, new Facade(look, depth, height, random.Chance(0.5)), a, a + back, a + back + top, a + top);
        scene.AddSide(along, b, inwards, up, new Facade(look, depth, height, random.Chance(0.5)), b, b + back, b + back + top, b + top);
        scene.Shadows.Add([(a.X, a.Z), (b.X, b.Z), ((b + back).X, (b + back).Z), ((a + back).X, (a + back).Z)], 0, height + (pitched ? 2 : 0));
        if (pitched)
        {
            AddRoof(scene, a + top, b + top, along, back, depth * random.Between(0.25f, 0.5f), look, random);
        }
    }

    private static void AddRoof(Scene scene, Vec3 a, Vec3 b, Vec3 along, Vec3 back, float rise, FacadeLook look, SplittableRandom random)
    {
        Rgb tiles = random.Around(random.Pick(new Rgb(0.45f, 0.22f, 0.16f), Rgb.Gray(0.24f), new Rgb(0.36f, 0.28f, 0.22f), Rgb.Gray(0.40f)), 0.2f);
        Vec3 ridge = (back * 0.5f) + (Vec3.UpAxis * rise), slope = ridge.Unit;
        var roof = new RoofSurface(tiles, random.Next(1 << 20));
        scene.AddSide(Vec3.UpAxis, a, along, slope, roof, a, b, b + ridge, a + ridge);
        var gable = new PaintSurface(LabelIds.Building, look.Wall, 0.25f);
        scene.AddSide(along * -1, a, back.Unit, Vec3.UpAxis, gable, a, a + back, a + ridge);
        scene.AddSide(along, b, back.Unit, Vec3.UpAxis, gable, b, b + back, b + ridge);
    }
}

/// <summary>Tiles, with windows here and there.</summary>
internal sealed class RoofSurface(Rgb tiles, int salt) : Surface(LabelIds.Building)
{
    public override bool Paint(ref Fragment at)
    {
        float u = at.U / 3.5f, v = (at.V - 1.5f) / 1.2f;
        bool window = v is > 0 and < 1 && ExactMath.Fraction(u) < 0.25f && Noise.Cell((int)MathF.Floor(u), 1, salt) < 0.4f;
        float rows = ExactMath.Fraction(at.V / 0.32f) * Detail(0.32f, at.Footprint);
        at.Albedo = window ? Rgb.Gray(0.14f) : tiles * (0.85f + (0.2f * rows) + (0.3f * (Noise.Layered(at.U * 0.8f, at.V * 0.8f) - 0.5f)));
        return true;
    }
}
