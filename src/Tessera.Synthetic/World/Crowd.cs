using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>People on foot, and what they have left standing on the sidewalk.</summary>
internal static class Crowd
{
    /// <summary>Places pedestrians and parked two-wheelers.</summary>
    public static void Place(Scene scene, SplittableRandom random)
    {
        float density = random.Chance(0.3) ? random.Between(8, 18) : random.Between(0, 8);
        for (int side = -1; side <= 1; side += 2)
        {
            if (scene.Plan.Walkway(side) is { } walkway)
            {
                Walk(scene, side, walkway, (int)density, random);
                ParkTwoWheelers(scene, side, walkway, random);
            }
        }

        foreach (Crossing crossing in scene.Plan.Crossings)
        {
            if (crossing.Zebra && random.Chance(0.6))
            {
                Cross(scene, crossing.Near - 2.2f, random);
            }
        }

        if (random.Chance(0.12))
        {
            // Where no zebra is.
            Cross(scene, random.Between(10, 35), random);
        }
    }

    private static void Walk(Scene scene, int side, (float Inner, float Outer) walkway, int count, SplittableRandom random)
    {
        for (int i = 0; i < count; i++)
        {
            float s = random.Between(3, random.Chance(0.5) ? 20 : 60), t = random.Between(walkway.Inner + 0.3f, walkway.Outer - 0.3f);
            int direction = random.Pick(-1, 1), company = random.Chance(0.25) ? 2 : 1;
            for (int n = 0; n < company && scene.Plan.CrossingAt(s, 0) is null; n++)
            {
                Stance stance = random.Chance(0.2) ? Turned(scene.Plan.World(s, side * t), random) : scene.Plan.Along(s, side * t, direction);
                People.AddPedestrian(scene, stance, random);
                t = MathF.Min(t + 0.65f, walkway.Outer);
            }
        }
    }

    private static void Cross(Scene scene, float s, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        int count = 1 + random.Next(5);
        for (int i = 0; i < count; i++)
        {
            Vec3 place = plan.World(s + random.Between(-1, 1), random.Between(-plan.Curb(-1), plan.Curb(1)));
            if (MathF.Abs(place.X) > 1.6f || place.Z > 8)
            {
                People.AddPedestrian(scene, new Stance(place.X, place.Z, random.Pick(-1f, 1f), 0), random);
            }
        }
    }

    private static void ParkTwoWheelers(Scene scene, int side, (float Inner, float Outer) walkway, SplittableRandom random)
    {
        int racks = random.Chance(0.5) ? 1 + random.Next(3) : 0;
        for (int i = 0; i < racks; i++)
        {
            bool motor = random.Chance(0.4), across = random.Chance(0.4);
            float s = random.Between(5, 32), t = random.Chance(0.5) ? walkway.Inner + 0.5f : walkway.Outer - 0.5f, step = across ? 0.6f : 2;
            int count = 1 + random.Next(5);
            for (int n = 0; n < count; n++, s += step * random.Between(0.9f, 1.5f))
            {
                if (scene.Plan.CrossingAt(s, 2) is null)
                {
                    Stance stance = across ? Turned(scene.Plan.World(s, side * t), random) : scene.Plan.Along(s, side * t, random.Pick(-1, 1));
                    new TwoWheeler(random, motor, ridden: false, lampsOn: false).AddTo(scene, stance);
                }
            }
        }
    }

    private static Stance Turned(Vec3 place, SplittableRandom random)
    {
        (float sin, float cos) = ExactMath.SinCos(random.Between(0, 1));
        return new Stance(place.X, place.Z, sin, cos);
    }
}
