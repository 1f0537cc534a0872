using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Colour and label of every place on the ground plane.</summary>
internal sealed class Ground
{
    private readonly StreetPlan _plan;
    private readonly CityStyle _style;
    private readonly bool _cobbles;
    private readonly Rgb _asphalt;
    private readonly Rgb _grass;
    private readonly float _grassWild;
    private readonly float _wear;
    private readonly Rgb _trackBed;
    private readonly Rgb _paint;
    private readonly int _salt;
    private readonly float _shift;

    /// <summary>Draws what the plan leaves open: wear, dirt, this street's asphalt.</summary>
    public Ground(StreetPlan plan, CityStyle style, SplittableRandom random)
    {
        (_plan, _style) = (plan, style);
        _cobbles = _style.Cobbles && random.Chance(0.35);
        _asphalt = random.Chance(0.15) ? random.Around(new Rgb(0.46f, 0.42f, 0.38f), 0.2f) : random.Around(_style.Asphalt, 0.18f);
        _grass = random.Chance(0.25) ? random.Around(new Rgb(0.45f, 0.37f, 0.27f), 0.2f) : random.Around(_style.Grass, 0.25f);
        _grassWild = random.Between(0.2f, 1);
        _wear = random.Between(0.1f, 0.9f);
        _trackBed = random.Chance(0.4) ? _style.Grass : random.Around(new Rgb(0.42f, 0.39f, 0.36f), 0.2f);
        _paint = Rgb.Gray(random.Between(0.62f, 0.92f));
        _salt = random.Next(1 << 20);
        _shift = random.Between(0, 100);
    }

    /// <summary>The colour under full light and the label of a place.</summary>
    /// <param name="x">World X.</param>
    /// <param name="z">World Z.</param>
    /// <param name="across">Metres that a pixel spans from left to right.</param>
    /// <param name="along">Metres that it spans in depth.</param>
    public (Rgb Albedo, byte Label) At(float x, float z, float across, float along)
    {
        float t = x - _plan.Axis(z);
        GroundKind kind = Kind(t, z, out float fromCurb);
        float fine = 1 / (1 + (along * along * 40)), middle = 1 / (1 + (along * along * 2));
        if (kind == GroundKind.Road)
        {
            return (Road(t, z, across, along, fine, middle), LabelIds.Road);
        }

        float stains = Noise.Layered((x * 0.4f) + _shift, z * 0.4f) - 0.5f, grain = (Noise.At(x * 13, z * 13) - 0.5f) * fine;
        switch (kind)
        {
            case GroundKind.Sidewalk:
                return (Pavement(t, z, fromCurb, fine, stains, grain), LabelIds.Sidewalk);
            case GroundKind.Terrain:
                float blades = (Noise.At(x * 7, z * 5) - 0.5f) * fine * _grassWild;
                Rgb earth = _grass.Towards(new Rgb(0.40f, 0.33f, 0.24f), ExactMath.Clamp01((stains * 3 * _grassWild) - 0.1f));
                return (earth * (1 + (0.5f * stains) + (0.6f * blades) + (0.3f * grain)), LabelIds.Terrain);
            case GroundKind.Track:
                float rail = MathF.Abs(MathF.Abs(t) - (_plan.Median.Half / 2)) - 0.72f;
                Rgb bed = MathF.Abs(rail) < 0.05f + (across * 0.3f) ? Rgb.Gray(0.55f) : _trackBed * (1 + stains + grain);
                return (bed, LabelIds.RailTrack);
            case GroundKind.Parking:
                float bay = MathF.Abs(ExactMath.Fraction(z / 5.5f) - 0.5f) * 5.5f;
                return (bay < 0.06f + (along * 0.2f) ? _paint * 0.8f : _style.Pavement.Towards(_asphalt, 0.6f) * (1 + (0.4f * stains) + (0.3f * grain)), LabelIds.Parking);
            default:
                return (_style.Pavement * (0.9f + (0.4f * stains) + (0.3f * grain)), LabelIds.Ground);
        }
    }

    /// <summary>What lies at a place, and how far outside the road's border it is.</summary>
    private GroundKind Kind(float t, float s, out float fromCurb)
    {
        int side = t < 0 ? -1 : 1;
        float distance = MathF.Abs(t), curb = _plan.Curb(side);
        fromCurb = distance - curb;
        foreach (Crossing crossing in _plan.Crossings)
        {
            float beyond = MathF.Max(crossing.Near - s, s - crossing.Far);
            if (beyond < 0)
            {
                fromCurb = -1;
                return GroundKind.Road;
            }

            if (beyond < 3 && fromCurb > -0.01f)
            {
                // The corner: the sidewalk turns into the other street on a curve of 3 m.
                float u = 3 - beyond, v = 3 - fromCurb;
                bool road = v > 0 && (u * u) + (v * v) > 9;
                fromCurb = road ? -1 : beyond;
                return road ? GroundKind.Road : GroundKind.Sidewalk;
            }
        }

        if (distance < _plan.Median.Half)
        {
            fromCurb = _plan.Median.Half - distance;
            return _plan.Median.Kind;
        }

        if (fromCurb < 0)
        {
            return GroundKind.Road;
        }

        float inner = curb;
        foreach (Band band in _plan.Bands(side))
        {
            if (distance < band.End)
            {
                fromCurb = distance - inner;
                return band.Kind;
            }

            inner = band.End;
        }

        return GroundKind.Terrain;
    }

    private Rgb Road(float t, float s, float across, float along, float fine, float middle)
    {
        float level = 1 + ((Noise.At((t * 0.5f) + _shift, s * 0.2f) - 0.5f) * 0.3f * _wear) + ((Noise.At(t * 17, s * 15) - 0.5f) * 0.35f * fine);
        if (_cobbles)
        {
            float row = MathF.Floor(s / 0.16f), place = (t / 0.16f) + (0.5f * (row - (2 * MathF.Floor(row / 2))));
            bool gap = ExactMath.Fraction(place) < 0.14f || ExactMath.Fraction(s / 0.16f) < 0.14f;
            level *= 1 + (fine * ((gap ? -0.4f : 0) + ((Noise.Cell((int)MathF.Floor(place), (int)row, _salt) - 0.5f) * 0.4f)));
        }
        else
        {
            float patch = Noise.Cell((int)MathF.Floor((t + 50) / 2.3f), (int)MathF.Floor(s / 4.7f), _salt);
            level *= patch < 0.10f * _wear ? 0.74f : patch > 1 - (0.06f * _wear) ? 1.22f : 1;
            float crack = MathF.Abs(Noise.At((t * 0.9f) + _shift, s * 0.7f) - 0.5f);
            level *= crack < 0.008f && Noise.At(t * 0.5f, (s * 0.35f) + _shift) > 0.62f ? 1 - (0.4f * middle * _wear) : 1;
        }

        Rgb colour = _asphalt * level;
        foreach (Lane lane in _plan.Lanes)
        {
            if (lane.Rails)
            {
                float rail = MathF.Abs(MathF.Abs(t - lane.T) - 0.72f);
                colour = rail < 0.07f + (0.3f * across) ? Rgb.Gray(0.16f).Towards(Rgb.Gray(0.6f), rail < 0.035f ? 1 : 0) : colour;
            }
        }

        float painted = Painted(t, s, across, along, out bool yellow);
        float worn = painted * (0.85f - (0.5f * _wear * Noise.At(t * 4, s * 4)));
        return colour.Towards(yellow ? new Rgb(0.80f, 0.62f, 0.16f) : _paint, worn);
    }

    /// <summary>How much of a pixel is covered with road paint.</summary>
    private float Painted(float t, float s, float across, float along, out bool yellow)
    {
        yellow = false;
        Crossing? near = _plan.CrossingAt(s, 5.4f);
        if (near is { } crossing)
        {
            float beyond = MathF.Max(crossing.Near - s, s - crossing.Far);
            if (beyond < 0)
            {
                return 0;
            }

            if (crossing.Zebra && beyond is > 0.8f and < 3.6f)
            {
                return ExactMath.Fraction(t) < 0.5f ? 1 : 0;
            }

            float line = MathF.Abs(beyond - 4.6f);
            return s < crossing.Near && t * _style.DriveSide > _plan.Median.Half ? ExactMath.Clamp01(((0.2f - line) / along) + 0.5f) : 0;
        }

        foreach (RoadLine line in _plan.Lines)
        {
            float cover = ExactMath.Clamp01((((line.Width / 2) - MathF.Abs(t - line.T)) / across) + 0.5f);
            if (cover > 0)
            {
                yellow = line.Yellow;
                return ExactMath.Fraction(s / line.Period) * line.Period < line.Painted ? cover * MathF.Min(1, line.Width / across * 1.2f) : 0;
            }
        }

        return 0;
    }

    private Rgb Pavement(float t, float s, float fromCurb, float fine, float stains, float grain)
    {
        if (fromCurb is >= 0 and < 0.16f)
        {
            // The curb stone.
            return Rgb.Gray(0.62f) * (ExactMath.Fraction(s) < 0.04f ? 0.8f : 1 + (0.3f * stains));
        }

        float cell = _style.PavementCell;
        if (cell == 0)
        {
            return _asphalt.Towards(_style.Pavement, 0.25f) * (1 + (0.4f * stains) + (0.3f * grain));
        }

        float u = t / cell, v = s / cell, joint = 0.05f / (cell + 0.4f);
        bool gap = ExactMath.Fraction(u) < joint * 2 || ExactMath.Fraction(v) < joint * 2;
        float slab = Noise.Cell((int)MathF.Floor(u), (int)MathF.Floor(v), _salt) - 0.5f;
        return _style.Pavement * (1 + (0.35f * stains) + (0.25f * grain) + (fine * ((0.16f * slab) - (gap ? 0.28f : 0))));
    }
}
