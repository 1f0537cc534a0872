using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>
/// A car's outline from the side, in metres from its rear and above the ground. Rear to front: tail, rear window from
/// RearGlass to RoofRear, roof to RoofFront, windscreen to Cowl, bonnet to the nose.
/// </summary>
internal sealed record CarProfile
{
    /// <summary>Draws a kind of car and its measures.</summary>
    public CarProfile(SplittableRandom random)
    {
        // Saloon, hatchback, estate, off-roader, van, pick-up, town car.
        (Length, Width, Height, Belt, RearGlass, RoofRear, RoofFront, Cowl, WindowEnd) = random.PickWeighted(0.22f, 0.24f, 0.14f, 0.16f, 0.13f, 0.05f, 0.06f) switch
        {
            0 => (4.6f, 1.80f, 1.44f, 0.93f, 0.75f, 1.45f, 2.75f, 3.45f, 0f),
            1 => (4.1f, 1.76f, 1.48f, 0.95f, 0.08f, 0.55f, 2.35f, 3.05f, 0f),
            2 => (4.7f, 1.82f, 1.50f, 0.94f, 0.06f, 0.45f, 2.85f, 3.55f, 0f),
            3 => (4.5f, 1.88f, 1.72f, 1.10f, 0.06f, 0.40f, 2.65f, 3.30f, 0f),
            4 => (5.2f, 1.98f, 2.25f, 1.20f, 0.03f, 0.10f, 3.75f, 4.40f, 3.1f),
            5 => (5.2f, 1.88f, 1.78f, 1.08f, 2.05f, 2.20f, 3.20f, 3.85f, 0f),
            _ => (3.3f, 1.64f, 1.50f, 0.95f, 0.05f, 0.35f, 2.05f, 2.75f, 0f),
        };
        float scale = random.Between(0.94f, 1.06f), tall = random.Between(0.95f, 1.06f);
        (Length, RearGlass, RoofRear, RoofFront, Cowl) = (Length * scale, RearGlass * scale, RoofRear * scale, RoofFront * scale, Cowl * scale);
        (Height, Belt) = (Height * tall, Belt * tall);
        (Tail, Nose) = (Belt - random.Between(0, 0.1f), Belt - random.Between(0.12f, 0.26f));
        (Wheel, Clearance) = (random.Between(0.29f, 0.36f), random.Between(0.17f, 0.25f));
        (RearAxle, FrontAxle) = (Length * 0.19f, Length * 0.81f);
    }

    public float Length { get; }

    public float Width { get; }

    public float Height { get; }

    /// <summary>Height of the windows' lower border.</summary>
    public float Belt { get; }

    public float RearGlass { get; }

    public float RoofRear { get; }

    public float RoofFront { get; }

    public float Cowl { get; }

    /// <summary>Behind this there are no side windows, as in vans.</summary>
    public float WindowEnd { get; }

    /// <summary>Height of the tail's upper edge.</summary>
    public float Tail { get; }

    /// <summary>Height of the bonnet's front edge.</summary>
    public float Nose { get; }

    /// <summary>Radius of the wheels.</summary>
    public float Wheel { get; }

    public float Clearance { get; }

    public float RearAxle { get; }

    public float FrontAxle { get; }

    /// <summary>How much narrower the roof is than the belt, on each side.</summary>
    public float Tuck => 0.16f;
}
