using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Walls, fences and guard rails along the street.</summary>
internal static class Barriers
{
    /// <summary>Adds a wall between two points on the ground.</summary>
    public static void AddWall(Scene scene, Vec3 from, Vec3 to, SplittableRandom random)
    {
        float height = random.Between(1.0f, 3.8f);
        Rgb colour = random.Chance(0.25) ? random.AnyColour() : random.Around(random.Pick(
            new Rgb(0.55f, 0.53f, 0.50f), new Rgb(0.46f, 0.28f, 0.22f), new Rgb(0.60f, 0.54f, 0.44f), new Rgb(0.38f, 0.38f, 0.39f)), 0.2f);
        var surface = new MasonrySurface(colour, height, random);
        scene.AddSheet(from, to, 0, height, surface);
        Cast(scene, from, to, height);
        if (random.Chance(0.5))
        {
            // The end that faces the camera, so that the wall is seen to be thick.
            Vec3 along = (to - from).Unit, across = new(along.Z, 0, -along.X), end = from + (across * (from.X < 0 ? -0.35f : 0.35f));
            scene.AddSheet(from, end, 0, height, surface);
        }
    }

    /// <summary>Adds a fence between two points on the ground.</summary>
    public static void AddFence(Scene scene, Vec3 from, Vec3 to, SplittableRandom random)
    {
        int kind = random.Next(5);
        float height = random.Between(0.9f, kind is 2 or 4 ? 2.4f : 1.7f);
        Rgb colour = random.Chance(0.5) ? random.AnyColour(0.7f) : random.Around(random.Pick(new Rgb(0.40f, 0.28f, 0.18f), Rgb.Gray(0.10f), Rgb.Gray(0.85f), new Rgb(0.15f, 0.28f, 0.18f)), 0.2f);
        scene.AddSheet(from, to, 0, height, new FenceSurface(kind, colour, height, scene.Style.Grass, random));
        if (kind is 1 or 4)
        {
            Cast(scene, from, to, height);
        }
    }

    /// <summary>Adds a steel guard rail on posts, which Cityscapes ignores.</summary>
    public static void AddGuardRail(Scene scene, Vec3 from, Vec3 to) =>
        scene.AddSheet(from, to, 0, 0.8f, new GuardRailSurface());

    private static void Cast(Scene scene, Vec3 from, Vec3 to, float height)
    {
        Vec3 along = (to - from).Unit;
        float x = along.Z * 0.15f, z = -along.X * 0.15f;
        scene.Shadows.Add([(from.X - x, from.Z - z), (from.X + x, from.Z + z), (to.X + x, to.Z + z), (to.X - x, to.Z - z)], 0, height);
    }
}

/// <summary>Bricks, stones, slabs of concrete or plaster, with stains and now and then a spray can's traces.</summary>
internal sealed class MasonrySurface(Rgb colour, float height, SplittableRandom random) : Surface(LabelIds.Wall)
{
    private readonly float _row = random.Pick(0.12f, 0.3f, 0.55f, 1.2f);
    private readonly float _length = random.Between(0.25f, 1.6f);
    private readonly float _joint = random.Between(-0.35f, 0.3f);
    private readonly float _variation = random.Between(0.05f, 0.4f);
    private readonly float _spray = random.Chance(0.3) ? random.Between(0.55f, 0.75f) : 2;
    private readonly Rgb _sprayed = random.AnyColour(0.1f);
    private readonly int _salt = random.Next(1 << 20);

    public override bool Paint(ref Fragment at)
    {
        float row = at.V / _row, stone = (at.U / _length) + (0.5f * ((int)MathF.Floor(row) & 1)), detail = Detail(_row, at.Footprint);
        bool joint = ExactMath.Fraction(row) < 0.1f || ExactMath.Fraction(stone) < 0.06f || at.V > height - 0.12f;
        float level = 1 + (0.4f * (Noise.Layered((at.U * 0.5f) + (_salt & 63), at.V * 0.7f) - 0.5f));
        level += detail * ((joint ? _joint : 0) + (_variation * (Noise.Cell((int)MathF.Floor(stone), (int)MathF.Floor(row), _salt) - 0.5f)));
        at.Albedo = colour * level;
        if (Noise.Layered((at.U * 0.6f) + 31, at.V + (_salt & 31)) > _spray)
        {
            at.Albedo = at.Albedo.Towards(_sprayed, 0.7f);
        }

        return true;
    }
}

/// <summary>Bars, planks, mesh, rails or panels. Gaps are holes where they are seen; far away the fence is one with what shines through.</summary>
internal sealed class FenceSurface(int kind, Rgb colour, float height, Rgb behind, SplittableRandom random) : Surface(LabelIds.Fence)
{
    private readonly float _pitch = kind switch { 0 => random.Between(0.10f, 0.16f), 1 => random.Between(0.10f, 0.22f), 2 => random.Between(0.05f, 0.08f), 3 => 0.5f, _ => random.Between(1.2f, 2.5f) };
    private readonly float _solid = kind switch { 0 => 0.35f, 1 => random.Between(0.75f, 0.95f), 2 => 0.3f, _ => 0.4f };
    private readonly float _post = random.Between(1.8f, 3);

    public override bool Paint(ref Fragment at)
    {
        float u = at.U / _pitch, v = at.V, post = ExactMath.Fraction(at.U / _post) * _post;
        float level = 1 + (0.3f * (Noise.At(at.U * 3, v * 3) - 0.5f));
        at.Albedo = colour * level;
        if (post < 0.09f || v > height - 0.06f)
        {
            return true;
        }

        switch (kind)
        {
            case 3:
                // Horizontal rails.
                float rail = ExactMath.Fraction(v / height * 3);
                return MathF.Abs(rail - 0.5f) < MathF.Max(0.16f, at.Footprint * 2 / height);
            case 4:
                // Panels, as around building sites.
                at.Albedo = colour * (level * (ExactMath.Fraction(u) < 0.03f ? 0.6f : 1) * (1 + (0.08f * ExactMath.Fraction(u * 10))));
                return true;
        }

        bool bar = ExactMath.Fraction(u) < _solid || (kind == 0 && MathF.Abs(v - (height * 0.2f)) < 0.03f) || (kind == 2 && ExactMath.Fraction(v / _pitch) < _solid);
        if (Detail(_pitch, at.Footprint) > 0.7f)
        {
            at.Albedo = kind == 1 ? at.Albedo * (0.85f + (0.3f * Noise.Cell((int)MathF.Floor(u), 1, 1))) : at.Albedo;
            return bar;
        }

        at.Albedo = behind.Towards(at.Albedo, MathF.Max(_solid, 0.55f));
        return true;
    }
}

/// <summary>A profiled steel band on posts.</summary>
internal sealed class GuardRailSurface() : Surface(LabelIds.GuardRail)
{
    public override bool Paint(ref Fragment at)
    {
        bool band = at.V > 0.45f;
        at.Albedo = Rgb.Gray(band ? 0.42f + (0.2f * MathF.Abs(at.V - 0.62f) / 0.17f) : 0.35f);
        return band || ExactMath.Fraction(at.U / 2.5f) < 0.05f;
    }
}
