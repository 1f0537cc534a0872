using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Lamp posts, traffic lights, signs, guard rails, bridges, and clutter that nobody scores.</summary>
internal static class Furniture
{
    /// <summary>Places everything that stands beside the road.</summary>
    public static void Place(Scene scene, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        for (int side = -1; side <= 1; side += 2)
        {
            float edge = plan.Walkway(side)?.Inner ?? (plan.Curb(side) + 0.4f);
            PlaceLamps(scene, side, edge + 0.45f, random);
            PlaceSigns(scene, side, edge + 0.5f, random);
            PlaceRow(scene, side, edge + 0.2f, random);
            PlaceClutter(scene, side, edge, random);
        }

        foreach (Crossing crossing in plan.Crossings)
        {
            if (random.Chance(0.9))
            {
                Posts.AddTrafficLights(scene, crossing, random);
            }
        }

        if (random.Chance(0.05))
        {
            float s = random.Between(35, 90), bottom = random.Between(4.8f, 5.6f);
            var deck = new PaintSurface(LabelIds.Bridge, random.Around(Rgb.Gray(0.48f), 0.2f), 0.5f);
            scene.AddBox(new Stance(plan.Axis(s), s, 0, 1), random.Between(5, 10), 90, bottom, bottom + random.Between(1.2f, 2), BoxLook.Same(deck));
        }

        if (random.Chance(0.12))
        {
            Posts.AddGantry(scene, random.Between(25, 70), random);
        }
    }

    private static void PlaceLamps(Scene scene, int side, float t, SplittableRandom random)
    {
        float height = random.Between(4, 9), step = random.Between(16, 34), arm = random.Chance(0.6) ? random.Between(0.8f, 2.4f) : 0;
        bool wires = random.Chance(0.2);
        for (float s = random.Between(4, 4 + step); s < 130 && !random.Chance(0.03); s += step)
        {
            if (scene.Plan.CrossingAt(s, 0) is null)
            {
                Posts.AddLamp(scene, scene.Plan.World(s, side * t), height, -side * arm, wires, random);
            }
        }
    }

    private static void PlaceSigns(Scene scene, int side, float t, SplittableRandom random)
    {
        float step = random.Between(9, 34);
        for (float s = random.Between(5, 5 + step); s < 95; s += step * random.Between(0.5f, 1.5f))
        {
            if (scene.Plan.CrossingAt(s, 0) is null)
            {
                Posts.AddSign(scene, scene.Plan.World(s, side * (t + random.Between(-0.1f, 0.4f))), random);
            }
        }
    }

    /// <summary>A row along the curb: bollards, a railing, or a guard rail.</summary>
    private static void PlaceRow(Scene scene, int side, float t, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        int kind = random.PickWeighted(0.62f, 0.16f, plan.Country ? 0.02f : 0.14f, plan.Country ? 0.35f : 0.02f);
        if (kind == 0)
        {
            return;
        }

        float from = random.Between(2, 14), to = from + random.Between(8, 50);
        if (kind == 1)
        {
            float step = random.Between(1.4f, 3.5f), height = random.Between(0.7f, 1.1f);
            Rgb colour = random.Around(scene.Style.PoleColour, 0.2f);
            for (float s = from; s < to; s += step)
            {
                if (plan.CrossingAt(s, 1) is null)
                {
                    Posts.AddBollard(scene, plan.World(s, side * t), height, colour);
                }
            }

            return;
        }

        for (float s = from; s + 6 < to; s += 6)
        {
            if (plan.CrossingAt(s + 3, 7) is null)
            {
                Vec3 near = plan.World(s, side * t), far = plan.World(s + 6, side * t);
                if (kind == 2)
                {
                    // The same stream for each piece, so that the pieces match.
                    Barriers.AddFence(scene, near, far, SplittableRandom.For((ulong)(from * 1000), side));
                }
                else
                {
                    Barriers.AddGuardRail(scene, near, far);
                }
            }
        }
    }

    private static void PlaceClutter(Scene scene, int side, float edge, SplittableRandom random)
    {
        int count = random.Next(4);
        for (int i = 0; i < count; i++)
        {
            float s = random.Between(5, 45), size = random.Between(0.35f, 1.2f), height = random.Between(0.5f, 1.6f);
            if (scene.Plan.CrossingAt(s, 1) is null)
            {
                byte label = random.Chance(0.7) ? LabelIds.Static : LabelIds.Dynamic;
                var surface = new PaintSurface(label, random.AnyColour(), 0.6f);
                Stance stance = scene.Plan.Along(s, side * (edge + random.Between(0.4f, 3)));
                scene.AddBox(stance, size, size * random.Between(0.6f, 1), 0, height, BoxLook.Same(surface));
                scene.Shadows.Add(stance.Footprint(size, size), 0, height);
            }
        }
    }
}
