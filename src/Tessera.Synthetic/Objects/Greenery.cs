using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Trees, bushes and hedges.</summary>
internal static class Greenery
{
    /// <summary>Adds a tree of a height drawn between two bounds.</summary>
    public static void AddTree(Scene scene, Vec3 place, float least, float most, SplittableRandom random)
    {
        float height = random.Between(least, most);
        if (random.Chance(scene.Style.BareTrees))
        {
            AddBareTree(scene, place, height, random);
            return;
        }

        // Broad, columnar, conifer.
        int kind = random.PickWeighted(0.65f, 0.2f, 0.15f);
        float radius = height * (kind == 0 ? random.Between(0.28f, 0.5f) : random.Between(0.13f, 0.22f));
        float stem = kind == 2 ? height * 0.08f : MathF.Max(height * random.Between(0.2f, 0.4f), height > 5 ? 1.9f : 0.4f);
        var leaves = new (float X, float Y, float Radius)[kind == 0 ? 9 + random.Next(5) : 8];
        for (int i = 0; i < leaves.Length; i++)
        {
            float up = (i + 0.5f) / leaves.Length, crown = height - stem;
            leaves[i] = kind switch
            {
                0 => Blob(random, radius, stem, crown),
                1 => (random.Between(-0.2f, 0.2f) * radius, stem + (up * crown), radius * random.Between(0.7f, 1)),
                _ => (random.Between(-0.1f, 0.1f) * radius, stem + (up * crown), MathF.Max(radius * (1.15f - up), crown * 0.09f)),
            };
        }

        Rgb colour = random.Around(random.Pick<Rgb>(scene.Style.Leaves), 0.2f);
        AddCrown(scene, place, leaves, colour, random.Between(0.08f, 0.22f) * MathF.Min(1, height / 7), random);
        scene.Shadows.AddRound(place.X, place.Z, radius * 0.9f, MathF.Max(stem, 0.7f), height * 0.9f);
    }

    /// <summary>Adds a bush.</summary>
    public static void AddBush(Scene scene, Vec3 place, SplittableRandom random)
    {
        float width = random.Between(0.5f, 1.4f), height = random.Between(0.6f, 2.2f);
        var leaves = new (float X, float Y, float Radius)[5];
        for (int i = 0; i < leaves.Length; i++)
        {
            leaves[i] = (random.Between(-width, width) * 0.8f, height * random.Between(0.2f, 0.65f), height * random.Between(0.3f, 0.5f));
        }

        AddCrown(scene, place, leaves, random.Around(random.Pick<Rgb>(scene.Style.Leaves), 0.25f), 0, random);
        scene.Shadows.AddRound(place.X, place.Z, width, 0, height * 0.8f);
    }

    /// <summary>Adds a hedge between two points on the ground.</summary>
    public static void AddHedge(Scene scene, Vec3 from, Vec3 to, SplittableRandom random)
    {
        float height = random.Between(0.8f, 2.8f);
        var surface = new HedgeSurface(random.Around(random.Pick<Rgb>(scene.Style.Leaves), 0.2f), height, random.Chance(0.6) ? 0.15f : 0.8f, random.Between(0, 60));
        scene.AddSheet(from, to, 0, height * 1.25f, surface);
        Vec3 along = (to - from).Unit, across = new Vec3(along.Z, 0, -along.X) * (from.X < 0 ? -0.8f : 0.8f);
        scene.AddSheet(from, from + across, 0, height * 1.25f, surface);
        scene.Shadows.Add([(from.X, from.Z), (to.X, to.Z), (to.X + across.X, to.Z + across.Z), (from.X + across.X, from.Z + across.Z)], 0, height);
    }

    private static (float X, float Y, float Radius) Blob(SplittableRandom random, float radius, float stem, float crown)
    {
        float up = random.Between(0.2f, 0.8f), width = 1 - (2 * MathF.Abs(up - 0.45f));
        return (random.Between(-0.75f, 0.75f) * radius * width, stem + (up * crown), MathF.Min(radius, crown) * random.Between(0.3f, 0.48f));
    }

    private static void AddCrown(Scene scene, Vec3 place, (float X, float Y, float Radius)[] leaves, Rgb colour, float trunk, SplittableRandom random)
    {
        float left = 0, right = 0, top = 0;
        foreach ((float x, float y, float radius) in leaves)
        {
            (left, right, top) = (MathF.Max(left, radius - x), MathF.Max(right, x + radius), MathF.Max(top, y + radius));
        }

        Vec3 across = scene.Camera.Right, sun = scene.Daylight.Sun;
        var surface = new CrownSurface(leaves, colour, trunk, Vec3.Dot(sun, across), sun.Y, random.Between(0.3f, 1), random.Between(0, 100));
        scene.AddPicture(place, left, right, 0, top, surface);
    }

    private static void AddBareTree(Scene scene, Vec3 place, float height, SplittableRandom random)
    {
        var shapes = new List<Shape>();
        Rgb bark = random.Around(new Rgb(0.24f, 0.20f, 0.17f), 0.3f);
        void Grow(float x, float y, float dx, float dy, float thickness, int depth)
        {
            shapes.Add(Shape.Limb(x, y, x + dx, y + dy, thickness, thickness * 0.65f, bark));
            for (int i = 0; depth > 0 && i < 3; i++)
            {
                float turn = random.Between(-0.7f, 0.7f), at = random.Between(0.55f, 1), scale = random.Between(0.55f, 0.8f);
                Grow(x + (dx * at), y + (dy * at), ((dx * 0.8f) + (dy * turn)) * scale, ((dy * 0.85f) - (dx * turn)) * scale, thickness * 0.55f, depth - 1);
            }
        }

        Grow(0, 0, random.Between(-0.3f, 0.3f), height * 0.4f, height * 0.022f, 3);
        new ShapeSurface(LabelIds.Vegetation, shapes).AddTo(scene, place);
    }
}

/// <summary>A stem under overlapping clumps of leaves; its edge is as ragged as leaves are.</summary>
internal sealed class CrownSurface((float X, float Y, float Radius)[] leaves, Rgb colour, float trunk, float sunAcross, float sunUp, float ragged, float shift) : Surface(LabelIds.Vegetation)
{
    public override bool Paint(ref Fragment at)
    {
        float best = -1, relief = 0;
        foreach ((float x, float y, float radius) in leaves)
        {
            float dx = (at.U - x) / radius, dy = (at.V - y) / radius, inside = 1 - (dx * dx) - (dy * dy);
            if (inside > best)
            {
                best = inside;
                relief = (dx * sunAcross) + (dy * sunUp);
            }
        }

        float clumps = Noise.At((at.U * 2.6f) + shift, at.V * 2.6f);
        if (best > (clumps - 0.25f) * 0.6f * ragged)
        {
            float fine = Noise.At((at.U * 9) + shift, at.V * 9) - 0.5f;
            at.Albedo = colour * (0.82f + (0.35f * relief) + (0.7f * (clumps - 0.5f)) + (0.5f * fine * Detail(0.25f, at.Footprint)));
            return true;
        }

        if (MathF.Abs(at.U) < trunk && at.V < leaves[0].Y)
        {
            at.Albedo = new Rgb(0.27f, 0.22f, 0.17f) * (0.8f + (0.5f * Noise.At(at.U * 20, at.V * 3)));
            return true;
        }

        return false;
    }
}

/// <summary>A wall of leaves with an uneven upper edge.</summary>
internal sealed class HedgeSurface(Rgb colour, float height, float ragged, float shift) : Surface(LabelIds.Vegetation)
{
    public override bool Paint(ref Fragment at)
    {
        float clumps = Noise.At((at.U * 2.2f) + shift, at.V * 2.2f);
        if (at.V > height * (1 + (ragged * (Noise.Layered((at.U * 1.3f) + shift, 0.5f) - 0.7f))))
        {
            return false;
        }

        float fine = Noise.At((at.U * 8) + shift, at.V * 8) - 0.5f;
        at.Albedo = colour * (0.7f + (0.35f * at.V / height) + (0.5f * (clumps - 0.5f)) + (0.5f * fine * Detail(0.25f, at.Footprint)));
        return true;
    }
}
