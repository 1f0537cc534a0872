using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>A truck: a cab and a box, a tarpaulin, a container or an open bed behind it.</summary>
internal sealed class Truck(SplittableRandom random, Daylight daylight) : Vehicle
{
    private readonly float _load = random.Between(3.8f, 10);
    private readonly float _cab = random.Between(1.7f, 2.3f);
    private readonly float _width = random.Between(2.2f, 2.55f);
    private readonly float _cabHeight = random.Between(2.3f, 3.3f);
    private readonly float _loadHeight = random.Chance(0.2) ? random.Between(1.4f, 1.9f) : random.Between(2.7f, 3.9f);
    private readonly BodyLook _cabLook = new()
    {
        Label = LabelIds.Truck,
        Paint = random.AnyColour(0.4f),
        Band = Rgb.Gray(0.2f),
        Windows = (1.55f, 2.2f),
        WindowPitch = 1.1f,
        Mirrored = daylight.Mirrored,
        LampsOn = daylight.LampsOn,
        Salt = random.Next(1 << 20),
    };

    private readonly BodyLook _loadLook = new()
    {
        Label = LabelIds.Truck,
        Paint = random.AnyColour(0.55f),
        Band = random.AnyColour(0.4f),
        BandHeight = random.Chance(0.3) ? (1.2f, 1.7f) : default,
        Clearance = 0.8f,
        Letters = random.Chance(0.5) ? random.Between(0.15f, 0.6f) : 0,
        Ribs = random.Chance(0.4) ? random.Between(0.25f, 0.9f) : 0,
        LampsOn = daylight.LampsOn,
        Salt = random.Next(1 << 20),
    };

    public override float Length => _load + 0.25f + _cab;

    public override void AddTo(Scene scene, Stance stance)
    {
        float middle = Length / 2;
        Stance Middle(float fromRear) => stance with { X = stance.X + ((fromRear - middle) * stance.HeadingX), Z = stance.Z + ((fromRear - middle) * stance.HeadingZ) };

        BodyLook load = _loadLook with { Axles = _load > 6 ? [1.0f, 2.1f, _load - 1] : [1.3f] }, cab = _cabLook with { Axles = [_cab * 0.45f] };
        scene.AddBox(Middle(_load / 2), _load, _width, 0, _loadHeight, new BoxLook(
            new BodySide(load, _loadHeight), new BodyEnd(load, _width, _loadHeight, default, front: false),
            new BodyEnd(load, _width, _loadHeight, default, front: false), new PaintSurface(LabelIds.Truck, load.Paint)));
        scene.AddBox(Middle(Length - (_cab / 2)), _cab, _width * 0.97f, 0, _cabHeight, new BoxLook(
            new BodySide(cab, _cabHeight), new BodyEnd(cab, _width * 0.97f, _cabHeight, (1.45f, MathF.Min(2.25f, _cabHeight - 0.2f)), front: true),
            new BodyEnd(cab, _width * 0.97f, _cabHeight, default, front: false), new PaintSurface(LabelIds.Truck, cab.Paint)));
        scene.Shadows.Add(stance.Footprint(Length, _width), 0, MathF.Max(_loadHeight, _cabHeight));
    }
}

/// <summary>A bus.</summary>
internal sealed class Bus(SplittableRandom random, Rgb cityColour, Daylight daylight) : Vehicle
{
    private readonly float _width = random.Between(2.35f, 2.55f);
    private readonly float _height = random.Chance(0.12) ? 4.2f : random.Between(2.8f, 3.3f);
    private readonly BodyLook _look = new()
    {
        Label = LabelIds.Bus,
        Paint = random.Chance(0.5) ? random.Around(cityColour, 0.15f) : random.AnyColour(0.3f),
        Band = random.AnyColour(0.5f),
        BandHeight = random.Chance(0.5) ? (0.4f, random.Between(0.7f, 1.1f)) : default,
        Windows = (random.Between(1.15f, 1.4f), random.Between(2.2f, 2.5f)),
        WindowPitch = random.Between(1.1f, 1.8f),
        Doors = random.Between(3.6f, 5.5f),
        Mirrored = daylight.Mirrored,
        LampsOn = daylight.LampsOn,
        Salt = random.Next(1 << 20),
    };

    public override float Length { get; } = random.Between(8.5f, 13);

    public override void AddTo(Scene scene, Stance stance)
    {
        BodyLook look = _look with { Axles = [2.6f, Length - 2.5f] };
        scene.AddBox(stance, Length, _width, 0, _height, new BoxLook(
            new BodySide(look, _height), new BodyEnd(look, _width, _height, (1.0f, 2.4f), front: true),
            new BodyEnd(look, _width, _height, (1.5f, 2.4f), front: false), new PaintSurface(LabelIds.Bus, look.Paint)));
        scene.Shadows.Add(stance.Footprint(Length, _width), 0, _height);
    }
}

/// <summary>A tram of one to three cars, or a train; Cityscapes calls both trains.</summary>
internal sealed class Tram(SplittableRandom random, Rgb cityColour, Daylight daylight) : Vehicle
{
    private readonly int _cars = 1 + random.Next(3);
    private readonly float _carLength = random.Between(8.5f, 14);
    private readonly float _width = random.Between(2.25f, 2.6f);
    private readonly float _height = random.Between(3.2f, 3.7f);
    private readonly BodyLook _look = new()
    {
        Label = LabelIds.Train,
        Paint = random.Chance(0.6) ? random.Around(cityColour, 0.15f) : random.AnyColour(0.3f),
        Band = random.AnyColour(0.4f),
        BandHeight = random.Chance(0.6) ? (2.65f, 3.1f) : (0.5f, 1.0f),
        Windows = (random.Between(1.2f, 1.5f), random.Between(2.3f, 2.6f)),
        WindowPitch = random.Between(1.2f, 2.4f),
        Doors = random.Between(4, 6.5f),
        Clearance = 0.18f,
        Wheel = 0,
        Mirrored = daylight.Mirrored,
        LampsOn = daylight.LampsOn,
        Salt = random.Next(1 << 20),
    };

    public override float Length => (_cars * (_carLength + 0.5f)) - 0.5f;

    public override void AddTo(Scene scene, Stance stance)
    {
        for (int i = 0; i < _cars; i++)
        {
            float offset = ((i + 0.5f) * (_carLength + 0.5f)) - 0.25f - (Length / 2);
            Stance car = stance with { X = stance.X + (offset * stance.HeadingX), Z = stance.Z + (offset * stance.HeadingZ) };
            scene.AddBox(car, _carLength, _width, 0, _height, new BoxLook(
                new BodySide(_look, _height), new BodyEnd(_look, _width, _height, (1.2f, 2.5f), front: true),
                new BodyEnd(_look, _width, _height, (1.3f, 2.4f), front: false), new PaintSurface(LabelIds.Train, Rgb.Gray(0.4f))));
            if (i < _cars - 1)
            {
                Stance joint = stance with { X = car.X + ((_carLength + 0.5f) / 2 * car.HeadingX), Z = car.Z + ((_carLength + 0.5f) / 2 * car.HeadingZ) };
                scene.AddBox(joint, 0.5f, _width * 0.85f, 0.4f, _height * 0.94f, BoxLook.Same(new PaintSurface(LabelIds.Train, Rgb.Gray(0.12f))));
            }
        }

        scene.Shadows.Add(stance.Footprint(Length, _width), 0, _height);
    }
}
