using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>
/// The street seen from above, in street coordinates: s metres along it (equal to world Z), t metres to the right of its axis.
/// The axis is a parabola, so that the way back from world to street is one subtraction.
/// </summary>
internal sealed class StreetPlan
{
    private readonly List<Band>[] _bands = [[], []];
    private readonly float _shift;
    private readonly float _bend;

    /// <summary>Draws a street of a city.</summary>
    public StreetPlan(CityStyle style, SplittableRandom random)
    {
        // Residential, two-way, avenue with a median, one-way, country road.
        int kind = random.PickWeighted(0.28f, 0.31f, 0.15f, 0.12f, 0.14f);
        float laneWidth = random.Between(2.9f, 3.6f);
        int own = kind switch { 2 => 2 + random.Next(2), 3 => 1 + random.Next(3), 1 => 1 + random.Next(2), _ => 1 };
        int oncoming = kind == 3 ? 0 : kind == 2 ? 2 : own;
        float median = kind == 2 ? random.Between(1.2f, 7) : 0;
        int side = style.DriveSide;
        bool rails = style.Trams && kind is 1 or 3 && random.Chance(0.5);
        for (int i = 0; i < own; i++)
        {
            Lanes.Add(new Lane(side * ((median / 2) + ((i + 0.5f) * laneWidth)), 1, rails && i == 0));
        }

        for (int i = 0; i < oncoming; i++)
        {
            Lanes.Add(new Lane(-side * ((median / 2) + ((i + 0.5f) * laneWidth)), -1, rails && i == 0));
        }

        CameraLane = Lanes[random.Chance(0.6) ? own - 1 : random.Next(own)];
        RoadEdges = side == 1
            ? ((median / 2) + (oncoming * laneWidth) + 0.4f, (median / 2) + (own * laneWidth) + 0.4f)
            : ((median / 2) + (own * laneWidth) + 0.4f, (median / 2) + (oncoming * laneWidth) + 0.4f);
        Median = (median / 2, median > 3.2f && style.Trams && random.Chance(0.6) ? GroundKind.Track : random.Pick(GroundKind.Terrain, GroundKind.Sidewalk, GroundKind.Terrain));
        LayBands(0, RoadEdges.Left, kind, random);
        LayBands(1, RoadEdges.Right, kind, random);
        Paint(kind, laneWidth, own, oncoming, side, style.YellowLines, random);

        if (random.Chance(kind == 4 ? 0.25 : 0.6))
        {
            float near = random.Between(10, 48);
            Crossings.Add(new Crossing(near, near + random.Between(6, 13), random.Chance(0.6)));
        }

        if (random.Chance(0.5))
        {
            float near = random.Between(80, 130);
            Crossings.Add(new Crossing(near, near + random.Between(6, 12), random.Chance(0.5)));
        }

        _bend = random.Chance(0.45) ? 0 : random.Between(-0.0028f, 0.0028f);
        _shift = -CameraLane.T + random.Between(-0.35f, 0.35f);
        Country = kind == 4;
    }

    public List<Lane> Lanes { get; } = [];

    public Lane CameraLane { get; }

    public List<RoadLine> Lines { get; } = [];

    public List<Crossing> Crossings { get; } = [];

    /// <summary>Metres from the axis to the left and right curb.</summary>
    public (float Left, float Right) RoadEdges { get; }

    /// <summary>Half the width of the strip between the directions (0: none), and what it is.</summary>
    public (float Half, GroundKind Kind) Median { get; }

    /// <summary>Whether this is a road through open land.</summary>
    public bool Country { get; }

    /// <summary>The strips beside the road, from the curb outwards.</summary>
    /// <param name="side">-1 left, 1 right.</param>
    public IReadOnlyList<Band> Bands(int side) => _bands[side < 0 ? 0 : 1];

    /// <summary>Metres from the axis to where houses begin.</summary>
    public float Frontage(int side) => Bands(side)[^1].End;

    /// <summary>Metres from the axis to the curb.</summary>
    public float Curb(int side) => side < 0 ? RoadEdges.Left : RoadEdges.Right;

    /// <summary>The inner and outer border of a side's sidewalk; null where it has none.</summary>
    public (float Inner, float Outer)? Walkway(int side)
    {
        float inner = Curb(side);
        foreach (Band band in Bands(side))
        {
            if (band.Kind == GroundKind.Sidewalk)
            {
                return (inner, band.End);
            }

            inner = band.End;
        }

        return null;
    }

    /// <summary>World X of the axis at a distance.</summary>
    public float Axis(float s) => _shift + (_bend * s * s);

    /// <summary>A place in street coordinates as a point of the world.</summary>
    public Vec3 World(float s, float t, float height = 0) => new(Axis(s) + t, height, s);

    /// <summary>An object's place and heading along the street.</summary>
    /// <param name="s">Metres along the street.</param>
    /// <param name="t">Metres to the right of the axis.</param>
    /// <param name="direction">1 forward, -1 towards the camera.</param>
    public Stance Along(float s, float t, int direction = 1)
    {
        Vec3 heading = new Vec3(2 * _bend * s, 0, 1).Unit * direction;
        return new Stance(Axis(s) + t, s, heading.X, heading.Z);
    }

    /// <summary>The crossing whose road, widened by a margin, holds s; null where none does.</summary>
    public Crossing? CrossingAt(float s, float margin)
    {
        foreach (Crossing crossing in Crossings)
        {
            if (s > crossing.Near - margin && s < crossing.Far + margin)
            {
                return crossing;
            }
        }

        return null;
    }

    private void LayBands(int side, float curb, int kind, SplittableRandom random)
    {
        List<Band> bands = _bands[side];
        float end = curb;
        void Lay(GroundKind ground, float low, float high) => bands.Add(new Band(end += random.Between(low, high), ground));

        if (kind != 4 && random.Chance(0.35))
        {
            // Parked cars stand on the road's surface as often as on places of their own.
            Lay(random.Chance(0.5) ? GroundKind.Road : GroundKind.Parking, 2.1f, 2.6f);
        }

        if (kind == 4)
        {
            if (random.Chance(0.5))
            {
                Lay(GroundKind.Terrain, 0.4f, 2);
                Lay(GroundKind.Sidewalk, 1.4f, 2.4f);
            }

            Lay(GroundKind.Terrain, 3, 12);
            return;
        }

        if (random.Chance(0.35))
        {
            Lay(GroundKind.Terrain, 0.9f, 2.8f);
        }

        Lay(GroundKind.Sidewalk, 2.2f, 6.5f);
        if (random.Chance(kind == 0 ? 0.5 : 0.2))
        {
            Lay(GroundKind.Terrain, 1.5f, 6);
        }
        else if (random.Chance(0.12))
        {
            Lay(GroundKind.Plaza, 2, 6);
        }
    }

    private void Paint(int kind, float laneWidth, int own, int oncoming, int side, bool yellow, SplittableRandom random)
    {
        if (kind == 0 && random.Chance(0.6))
        {
            return;
        }

        float half = Median.Half, width = random.Between(0.1f, 0.18f);
        (float painted, float period) = random.Pick((3f, 6f), (3f, 9f), (2f, 4f), (6f, 12f));
        for (int i = 1; i < own; i++)
        {
            Lines.Add(new RoadLine(side * (half + (i * laneWidth)), width, painted, period, Yellow: false));
        }

        for (int i = 1; i < oncoming; i++)
        {
            Lines.Add(new RoadLine(-side * (half + (i * laneWidth)), width, painted, period, Yellow: false));
        }

        if (half == 0 && oncoming > 0)
        {
            if (random.Chance(0.3))
            {
                Lines.Add(new RoadLine(-0.14f, width, 1, 1, yellow));
                Lines.Add(new RoadLine(0.14f, width, 1, 1, yellow));
            }
            else
            {
                Lines.Add(new RoadLine(0, width, painted, period, yellow));
            }
        }

        if (random.Chance(0.5))
        {
            Lines.Add(new RoadLine(-RoadEdges.Left + 0.25f, width, 1, 1, Yellow: false));
            Lines.Add(new RoadLine(RoadEdges.Right - 0.25f, width, 1, 1, Yellow: false));
        }
    }
}
