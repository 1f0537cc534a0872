using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Sun, sky, clouds and haze of one scene.</summary>
internal sealed class Daylight
{
    private readonly float _hazeDensity;
    private readonly Rgb _haze;
    private readonly Rgb _zenith;
    private readonly Rgb _horizon;
    private readonly Rgb _cloud;
    private readonly float _cloudCover;
    private readonly float _cloudScale;
    private readonly float _cloudShift;

    /// <summary>Draws a time of day and a weather.</summary>
    public Daylight(SplittableRandom random)
    {
        // Clear, some clouds, overcast, low sun, dusk, fog.
        int kind = random.PickWeighted(0.22f, 0.22f, 0.26f, 0.12f, 0.10f, 0.08f);
        float elevation = kind is 3 or 4 ? random.Between(0.02f, 0.05f) : random.Between(0.06f, 0.17f);
        (float sinHeading, float cosHeading) = ExactMath.SinCos(random.Between(0, 1));
        (float sinElevation, float cosElevation) = ExactMath.SinCos(elevation);
        Sun = new Vec3(sinHeading * cosElevation, sinElevation, cosHeading * cosElevation);

        (float sun, float sky, Rgb sunTint, Rgb zenith, Rgb horizon) = kind switch
        {
            0 => (0.85f, 0.42f, new Rgb(1, 0.95f, 0.86f), new Rgb(0.22f, 0.42f, 0.78f), new Rgb(0.68f, 0.80f, 0.94f)),
            1 => (0.70f, 0.45f, new Rgb(1, 0.96f, 0.90f), new Rgb(0.28f, 0.46f, 0.76f), new Rgb(0.74f, 0.81f, 0.90f)),
            2 => (0.08f, 0.80f, new Rgb(1, 1, 1), new Rgb(0.62f, 0.65f, 0.69f), new Rgb(0.80f, 0.81f, 0.82f)),
            3 => (0.80f, 0.38f, new Rgb(1, 0.80f, 0.56f), new Rgb(0.34f, 0.46f, 0.70f), new Rgb(0.95f, 0.82f, 0.66f)),
            4 => (0.16f, 0.34f, new Rgb(1, 0.66f, 0.48f), new Rgb(0.16f, 0.20f, 0.36f), new Rgb(0.72f, 0.50f, 0.44f)),
            _ => (0.05f, 0.78f, new Rgb(1, 1, 1), new Rgb(0.70f, 0.72f, 0.74f), new Rgb(0.78f, 0.79f, 0.80f)),
        };
        SunLight = random.Around(sunTint, 0.06f) * (sun * random.Between(0.8f, 1.15f));
        SkyLight = random.Around(new Rgb(0.94f, 0.97f, 1), 0.05f) * (sky * random.Between(0.85f, 1.12f));
        _zenith = random.Around(zenith, 0.15f);
        _horizon = random.Around(horizon, 0.10f);
        _haze = _horizon.Towards(Rgb.Gray(0.75f), 0.3f) * (kind == 4 ? 0.7f : 1);
        _hazeDensity = kind == 5 ? random.Between(0.008f, 0.022f) : random.Between(0.0004f, 0.004f);
        _cloud = kind == 4 ? new Rgb(0.50f, 0.38f, 0.40f) : Rgb.Gray(random.Between(0.75f, 1.0f));
        _cloudCover = kind switch { 0 => random.Between(0, 0.25f), 2 or 5 => random.Between(0.2f, 0.9f), _ => random.Between(0.3f, 0.75f) };
        _cloudScale = random.Between(0.6f, 2.2f);
        _cloudShift = random.Between(0, 100);
        Wetness = random.Chance(kind is 2 or 5 ? 0.45 : 0.08) ? random.Between(0.3f, 1) : 0;
        LampsOn = kind == 4 || (kind is 2 or 5 && random.Chance(0.4));
        Gray = kind is 2 or 5;
    }

    /// <summary>Unit direction towards the sun; it is above the horizon.</summary>
    public Vec3 Sun { get; }

    public Rgb SunLight { get; }

    public Rgb SkyLight { get; }

    /// <summary>How wet the ground is, 0..1.</summary>
    public float Wetness { get; }

    /// <summary>Whether cars, windows and lamps are lit.</summary>
    public bool LampsOn { get; }

    /// <summary>Whether clouds hide the sun.</summary>
    public bool Gray { get; }

    /// <summary>How bright level ground in the open is.</summary>
    public float Brightness => SkyLight.G + (SunLight.G * Sun.Y);

    /// <summary>The light on a surface.</summary>
    /// <param name="normal">Unit direction in which it faces.</param>
    /// <param name="sunShare">The share of the sun that reaches it, 0..1.</param>
    public Rgb On(Vec3 normal, float sunShare) =>
        (SkyLight * (0.80f + (0.20f * normal.Y))) + (SunLight * (MathF.Max(0, Vec3.Dot(normal, Sun)) * sunShare));

    /// <summary>What remains of a colour after this many metres of air.</summary>
    public Rgb Through(Rgb colour, float depth) => _haze.Towards(colour, ExactMath.Decay(depth * _hazeDensity));

    /// <summary>The sky in a direction, which need not be a unit vector but must point above the horizon.</summary>
    public Rgb Sky(Vec3 ray)
    {
        float height = ray.Y / ray.Length;
        float up = ExactMath.Clamp01(height * 2.2f);
        Rgb colour = _horizon.Towards(_zenith, up * (2 - up));
        float towards = (Vec3.Dot(ray, Sun) / ray.Length) + 1;
        float glow = towards * 0.5f;
        glow *= glow;
        glow *= glow;
        glow *= glow;
        colour += SunLight * (0.35f * glow * glow);

        float flat = _cloudScale / (height + 0.12f);
        float cloud = Noise.Layered((ray.X * flat) + _cloudShift, (ray.Z * flat) + (0.4f * _cloudShift));
        float cover = ExactMath.Clamp01(((cloud - 0.85f + (0.7f * _cloudCover)) * 4) + (0.4f * _cloudCover));
        return colour.Towards(_cloud * (0.78f + (0.35f * cloud)), cover * 0.85f);
    }

    /// <summary>The light of the sky near the horizon, which wet ground and glass mirror.</summary>
    public Rgb Mirrored => _horizon * 0.8f;
}
