using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Vehicles: in the lanes, parked beside them, and on the streets that cross.</summary>
internal static class Traffic
{
    private const float Farthest = 130;

    /// <summary>Places all vehicles.</summary>
    public static void Place(Scene scene, SplittableRandom random)
    {
        float gap = random.Chance(0.3) ? random.Between(2, 9) : random.Between(9, 55);
        float two = random.Between(0.05f, 0.25f), heavy = random.Chance(0.35) ? random.Between(0.3f, 0.8f) : random.Between(0.05f, 0.25f);
        foreach (Lane lane in scene.Plan.Lanes)
        {
            FillLane(scene, lane, gap, two, heavy, random);
        }

        PlaceTramOnMedian(scene, random);
        PlaceCyclists(scene, random);
        for (int side = -1; side <= 1; side += 2)
        {
            Park(scene, side, random);
        }

        foreach (Crossing crossing in scene.Plan.Crossings)
        {
            PlaceCrossing(scene, crossing, two, heavy, random);
        }
    }

    private static void FillLane(Scene scene, Lane lane, float gap, float two, float heavy, SplittableRandom random)
    {
        // The camera's car has the first metres of its own lane.
        float s = lane == scene.Plan.CameraLane ? 5 : -4;
        while (true)
        {
            s += random.Between(0.3f, 1.7f) * gap;
            Vehicle vehicle = Draw(scene, lane.Rails, two, heavy, random);
            if (s + vehicle.Length > Farthest)
            {
                return;
            }

            float aside = vehicle is TwoWheeler ? random.Between(-0.9f, 0.9f) : random.Between(-0.25f, 0.25f);
            vehicle.AddTo(scene, scene.Plan.Along(s + (vehicle.Length / 2), lane.T + aside, lane.Direction));
            s += vehicle.Length + 1.2f;
        }
    }

    private static Vehicle Draw(Scene scene, bool rails, float two, float heavy, SplittableRandom random)
    {
        Daylight daylight = scene.Daylight;
        return random.PickWeighted(1, 0.55f * heavy, 0.45f * heavy, two * 0.6f, two * 0.4f, rails ? 0.4f + heavy : 0) switch
        {
            0 => new Car(random, daylight.LampsOn),
            1 => new Truck(random, daylight),
            2 => new Bus(random, scene.Style.BusColour, daylight),
            3 => new TwoWheeler(random, motor: true, ridden: true, daylight.LampsOn),
            4 => new TwoWheeler(random, motor: false, ridden: true, daylight.LampsOn),
            _ => new Tram(random, scene.Style.TramColour, daylight),
        };
    }

    private static void PlaceTramOnMedian(Scene scene, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        if (plan.Median.Kind != GroundKind.Track)
        {
            return;
        }

        for (int side = -1; side <= 1; side += 2)
        {
            for (float s = random.Between(0, 40); random.Chance(0.6) && s < 100; s += random.Between(40, 70))
            {
                var tram = new Tram(random, scene.Style.TramColour, scene.Daylight);
                tram.AddTo(scene, plan.Along(s + (tram.Length / 2), side * plan.Median.Half / 2, side * scene.Style.DriveSide));
            }
        }
    }

    private static void PlaceCyclists(Scene scene, SplittableRandom random)
    {
        int count = random.Chance(0.5) ? random.Next(5) : 0;
        for (int i = 0; i < count; i++)
        {
            int side = random.Pick(-1, 1);
            float t = side * (scene.Plan.Curb(side) - random.Between(0.3f, 0.8f));
            var cyclist = new TwoWheeler(random, random.Chance(0.25), ridden: true, scene.Daylight.LampsOn);
            cyclist.AddTo(scene, scene.Plan.Along(random.Between(5, 38), t, side * scene.Style.DriveSide));
        }
    }

    private static void Park(Scene scene, int side, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        bool places = plan.Bands(side)[0].Kind is GroundKind.Road or GroundKind.Parking;
        if (!random.Chance(places ? 0.9 : plan.Country ? 0.03 : 0.10))
        {
            return;
        }

        float t = side * (plan.Curb(side) + (places ? 1.15f : 0.2f)), full = random.Between(0.3f, 1), s = random.Between(-6, 0);
        while (s < 110)
        {
            Vehicle vehicle = random.PickWeighted(1, 0.05f, 0.08f) switch
            {
                0 => new Car(random, lampsOn: false),
                1 => new Truck(random, scene.Daylight),
                _ => new TwoWheeler(random, motor: true, ridden: false, lampsOn: false),
            };
            float middle = s + (vehicle.Length / 2);
            if (plan.CrossingAt(middle, 5 + (vehicle.Length / 2)) is null && random.Chance(full))
            {
                int direction = random.Chance(0.85) ? side * scene.Style.DriveSide : -side * scene.Style.DriveSide;
                vehicle.AddTo(scene, plan.Along(middle, t + random.Between(-0.15f, 0.15f), direction));
            }

            s += vehicle.Length + random.Between(0.6f, 1.6f);
        }
    }

    private static void PlaceCrossing(Scene scene, Crossing crossing, float two, float heavy, SplittableRandom random)
    {
        if (!random.Chance(0.6))
        {
            return;
        }

        StreetPlan plan = scene.Plan;
        for (int direction = -1; direction <= 1; direction += 2)
        {
            float place = direction * scene.Style.DriveSide > 0 ? 0.28f : 0.72f, s = crossing.Near + (place * (crossing.Far - crossing.Near));
            for (float t = random.Between(-40, 0); t < 35; t += random.Between(2, 20))
            {
                Vehicle vehicle = Draw(scene, rails: false, two, heavy, random);
                vehicle.AddTo(scene, new Stance(plan.Axis(s) + t, s, direction, 0));
                t += vehicle.Length;
            }
        }
    }
}
