using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>What flanks the street: houses side by side, walls, fences, hedges, open land, and trees behind and before them.</summary>
internal static class Frontages
{
    private const float Farthest = 190;

    /// <summary>Places both sides of the street, and those of the streets that cross it.</summary>
    public static void Place(Scene scene, SplittableRandom random)
    {
        for (int side = -1; side <= 1; side += 2)
        {
            PlaceSide(scene, side, random);
            PlaceStreetTrees(scene, side, random);
        }

        if (scene.Plan.Median is { Half: > 0.9f, Kind: GroundKind.Terrain } && random.Chance(0.6))
        {
            for (float s = random.Between(5, 15); s < 120; s += random.Between(6, 16))
            {
                PlaceGreen(scene, s, 0, random);
            }
        }
    }

    private static void PlaceSide(Scene scene, int side, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        float houses = plan.Country ? 0.12f : random.Between(0.35f, 1), wall = random.Between(0.1f, 0.4f), fence = random.Between(0.1f, 0.45f), hedge = random.Between(0, 0.25f), open = plan.Country ? 0.6f : 0.1f;
        float setback = plan.Country ? random.Between(0, 6) : random.Chance(0.6) ? 0 : random.Between(0, 3), s = random.Between(-14, -4);
        while (s < Farthest)
        {
            float length = random.Between(8, 26);
            foreach (Crossing crossing in plan.Crossings)
            {
                if (s + length > crossing.Near - 4 && s < crossing.Far + 4)
                {
                    if (crossing.Near - 4 - s > 5)
                    {
                        length = crossing.Near - 4 - s;
                    }
                    else
                    {
                        s = crossing.Far + 4;
                    }
                }
            }

            float front = plan.Frontage(side) + setback + (random.Chance(0.2) ? random.Between(0, 2) : 0);
            PlaceLot(scene, s, s + length, side, front, random.PickWeighted(houses, wall, fence, hedge, open), random);
            s += length + (random.Chance(0.25) ? random.Between(0.5f, 5) : 0);
        }
    }

    private static void PlaceLot(Scene scene, float near, float far, int side, float front, int kind, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        if (kind == 0)
        {
            Buildings.Add(scene, near, far, side, front, random);
            return;
        }

        Vec3 from = plan.World(near, side * front), to = plan.World(far, side * front);
        switch (kind)
        {
            case 1:
                Barriers.AddWall(scene, from, to, random);
                break;
            case 2:
                Barriers.AddFence(scene, from, to, random);
                break;
            case 3:
                Greenery.AddHedge(scene, from, to, random);
                break;
        }

        if (random.Chance(plan.Country ? 0.1 : 0.45))
        {
            Buildings.Add(scene, near, far, side, front + random.Between(5, 14), random);
        }

        int trees = random.Next(4);
        for (int i = 0; i < trees; i++)
        {
            PlaceGreen(scene, random.Between(near, far), side * (front + random.Between(2, plan.Country ? 30 : 9)), random);
        }
    }

    private static void PlaceStreetTrees(Scene scene, int side, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        if (!random.Chance(scene.Style.Greenery))
        {
            return;
        }

        float t = plan.Walkway(side) is { } walkway ? random.Chance(0.5) ? walkway.Inner + 0.8f : walkway.Outer + 0.6f : plan.Curb(side) + 3;
        float step = random.Between(6, 22);
        for (float s = random.Between(6, 6 + step); s < 130; s += step * random.Between(0.7f, 1.4f))
        {
            if (plan.CrossingAt(s, 6) is null)
            {
                Greenery.AddTree(scene, plan.World(s, side * t), 4, 11, random);
            }
        }
    }

    private static void PlaceGreen(Scene scene, float s, float t, SplittableRandom random)
    {
        if (scene.Plan.CrossingAt(s, 4) is not null)
        {
            return;
        }

        Vec3 place = scene.Plan.World(s, t);
        if (random.Chance(0.35))
        {
            Greenery.AddBush(scene, place, random);
        }
        else
        {
            Greenery.AddTree(scene, place, 4, 14, random);
        }
    }
}
