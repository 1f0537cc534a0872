using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>A bicycle or motorcycle, with somebody on it or parked.</summary>
/// <param name="random">Draws it.</param>
/// <param name="motor">Whether it is a motorcycle.</param>
/// <param name="ridden">Whether somebody rides it.</param>
/// <param name="lampsOn">Whether its lamps are lit.</param>
internal sealed class TwoWheeler(SplittableRandom random, bool motor, bool ridden, bool lampsOn) : Vehicle
{
    private readonly Rgb _paint = random.AnyColour(0.4f);
    private readonly float _size = random.Between(0.92f, 1.08f);
    private readonly bool _scooter = random.Chance(0.4);
    private readonly bool _basket = random.Chance(0.3);
    private readonly bool _screen = random.Chance(0.5);

    public override float Length => motor ? 2.1f : 1.8f;

    public override void AddTo(Scene scene, Stance stance)
    {
        if (motor)
        {
            AddMotorcycle(scene, stance);
        }
        else
        {
            AddBicycle(scene, stance);
        }

        if (ridden)
        {
            (float seat, Vec3 handle, float foot) = motor
                ? (0.80f * _size, new Vec3(0.48f, 1.0f, 0), 0.34f)
                : (0.92f * _size, new Vec3(0.42f, 1.02f * _size, 0), 0.32f);
            People.AddRider(scene, stance, seat, handle, foot, motor || random.Chance(0.3), random);
        }

        scene.Shadows.Add(stance.Footprint(Length, 0.4f), 0, ridden ? 1.6f : 0.9f);
    }

    private void AddBicycle(Scene scene, Stance stance)
    {
        float s = _size, wheel = 0.32f * s;
        Rgb tyre = Rgb.Gray(0.07f), dark = Rgb.Gray(0.12f);
        Vec3 P(float front, float up, float aside = 0) => new(front * s, up * s, aside);
        Vec3 crank = P(-0.05f, 0.28f), seat = P(-0.2f, 0.82f), head = P(0.36f, 0.85f);
        var frame = new Figure(scene, stance)
            .Wheel(-0.52f * s, wheel, 0.028f, tyre).Wheel(0.54f * s, wheel, 0.028f, tyre)
            .Limb(P(-0.52f, 0.33f), P(-0.52f, 0.33f), 0.05f, 0.05f, dark).Limb(P(0.54f, 0.33f), P(0.54f, 0.33f), 0.05f, 0.05f, dark)
            .Limb(P(-0.52f, 0.33f), crank, 0.02f, 0.02f, _paint).Limb(P(-0.52f, 0.33f), seat, 0.018f, 0.018f, _paint)
            .Limb(crank, seat, 0.024f, 0.024f, _paint).Limb(crank, head, 0.026f, 0.026f, _paint)
            .Limb(seat, head, 0.024f, 0.024f, _paint).Limb(head, P(0.54f, 0.33f), 0.022f, 0.022f, _paint)
            .Limb(P(-0.3f, 0.93f), P(-0.1f, 0.93f), 0.045f, 0.03f, dark)
            .Limb(P(0.36f, 1.02f, -0.26f), P(0.36f, 1.02f, 0.26f), 0.022f, 0.022f, dark).Limb(head, P(0.36f, 1.02f), 0.02f, 0.02f, dark)
            .Lamp(P(-0.55f, 0.7f), 0.05f, new Rgb(0.7f, 0.05f, 0.05f), atFront: false, lampsOn ? 1 : 0.2f)
            .Lamp(P(0.45f, 0.9f), 0.05f, Rgb.Gray(0.9f), atFront: true, lampsOn ? 1.3f : 0.2f);
        if (_basket)
        {
            frame.Limb(P(0.5f, 0.85f), P(0.62f, 0.95f), 0.14f, 0.15f, _paint.Towards(new Rgb(0.4f, 0.3f, 0.2f), 0.7f));
        }

        frame.Finish(LabelIds.Bicycle);
    }

    private void AddMotorcycle(Scene scene, Stance stance)
    {
        float s = _size, wheel = (_scooter ? 0.2f : 0.27f) * s;
        Rgb tyre = Rgb.Gray(0.05f), metal = Rgb.Gray(0.33f), dark = Rgb.Gray(0.09f);
        Vec3 P(float front, float up, float aside = 0) => new(front * s, up * s, aside);
        var machine = new Figure(scene, stance)
            .Wheel(-0.66f * s, wheel, 0.075f, tyre).Wheel(0.70f * s, wheel, 0.065f, tyre)
            .Limb(P(-0.66f, 0.3f), P(-0.66f, 0.3f), 0.12f, 0.12f, metal).Limb(P(0.70f, 0.3f), P(0.70f, 0.3f), 0.1f, 0.1f, metal)
            .Limb(P(0.70f, 0.3f), P(0.46f, 0.95f), 0.045f, 0.05f, metal)
            .Limb(P(-0.2f, 0.38f), P(0.22f, 0.42f), 0.17f, 0.19f, _scooter ? _paint : metal)
            .Limb(P(-0.75f, 0.72f), P(-0.2f, 0.68f), 0.1f, 0.15f, _paint)
            .Limb(P(-0.5f, 0.8f), P(-0.05f, 0.76f), 0.07f, 0.09f, dark)
            .Limb(P(0.08f, 0.82f), P(0.34f, 0.82f), 0.15f, 0.14f, _paint)
            .Limb(P(-0.1f, 0.3f, 0.12f), P(-0.8f, 0.38f, 0.16f), 0.05f, 0.07f, metal)
            .Limb(P(0.46f, 1.0f, -0.34f), P(0.46f, 1.0f, 0.34f), 0.035f, 0.035f, dark)
            .Limb(P(0.5f, 0.88f), P(0.56f, 0.84f), 0.13f, 0.1f, _paint);
        if (_scooter)
        {
            machine.Limb(P(0.40f, 0.35f), P(0.48f, 0.92f), 0.17f, 0.15f, _paint).Limb(P(-0.62f, 0.55f), P(-0.25f, 0.5f), 0.19f, 0.2f, _paint);
        }

        if (_screen)
        {
            machine.Limb(P(0.5f, 1.0f), P(0.42f, 1.22f), 0.14f, 0.12f, Rgb.Gray(0.4f));
        }

        machine.Lamp(P(-0.82f, 0.72f), 0.07f, new Rgb(0.7f, 0.05f, 0.05f), atFront: false, lampsOn ? 1 : 0.3f)
            .Lamp(P(0.6f, 0.88f), 0.09f, Rgb.Gray(0.9f), atFront: true, lampsOn ? 1.5f : 0.3f)
            .Finish(LabelIds.Motorcycle);
    }
}
