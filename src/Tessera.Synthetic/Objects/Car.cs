using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>A car: its outline drawn out to its width, with wheels, windows and lamps.</summary>
internal sealed class Car(SplittableRandom random, bool lampsOn) : Vehicle
{
    private readonly CarProfile _profile = new(random);
    private readonly Rgb _paint = random.AnyColour(0.65f);
    private readonly float _glass = random.Between(0.03f, 0.12f);
    private readonly int _look = random.Next(1 << 20);

    public override float Length => _profile.Length;

    public override void AddTo(Scene scene, Stance stance)
    {
        CarProfile p = _profile;
        float half = p.Width / 2, middle = p.Length / 2, roof = half - p.Tuck;
        Vec3 front = stance.Front, right = stance.Right, up = Vec3.UpAxis;
        Vec3 At(float fromRear, float height, float across) => stance.At(fromRear - middle, height, across);
        Rgb mirrored = scene.Daylight.Mirrored;
        var side = new CarSide(p, _paint, _glass, mirrored);
        for (int sign = -1; sign <= 1; sign += 2)
        {
            scene.AddSide(right * sign, At(0, 0, half * sign), front, up, side,
                At(0, 0, half * sign), At(p.Length, 0, half * sign), At(p.Length, p.Belt, half * sign), At(0, p.Belt, half * sign));
            scene.AddSide(right * sign, At(0, 0, half * sign), front, up, side,
                At(p.RearGlass, p.Belt, half * sign), At(p.Cowl, p.Belt, half * sign), At(p.RoofFront, p.Height, roof * sign), At(p.RoofRear, p.Height, roof * sign));
        }

        var body = new CarPanel(_paint, mirrored * 0.12f);
        var glass = new CarPanel(Rgb.Gray(_glass), mirrored * 0.32f);
        void Strip(float rear, float rearHeight, float rearHalf, float fore, float foreHeight, float foreHalf, Vec3 outward, Surface surface)
        {
            Vec3 along = At(fore, foreHeight, 0) - At(rear, rearHeight, 0);
            scene.AddSide(outward, At(rear, rearHeight, 0), right, along.Unit, surface,
                At(rear, rearHeight, -rearHalf), At(rear, rearHeight, rearHalf), At(fore, foreHeight, foreHalf), At(fore, foreHeight, -foreHalf));
        }

        Strip(0, p.Tail, half, p.RearGlass, p.Belt, half, up, body);
        Strip(p.RearGlass, p.Belt, half, p.RoofRear, p.Height, roof, up - front, glass);
        Strip(p.RoofRear, p.Height, roof, p.RoofFront, p.Height, roof, up, body);
        Strip(p.RoofFront, p.Height, roof, p.Cowl, p.Belt, half, up + front, glass);
        Strip(p.Cowl, p.Belt, half, p.Length, p.Nose, half, up, body);
        Strip(0, 0, half, 0, p.Tail, half, front * -1, new CarEnd(p, p.Tail, _paint, false, lampsOn, _look));
        Strip(p.Length, 0, half, p.Length, p.Nose, half, front, new CarEnd(p, p.Nose, _paint, true, lampsOn, _look));
        scene.Shadows.Add(stance.Footprint(p.Length, p.Width), 0, p.Height * 0.85f);
    }
}

/// <summary>Sheet metal or glass that mirrors some sky.</summary>
internal sealed class CarPanel(Rgb colour, Rgb mirrored) : Surface(LabelIds.Car)
{
    public override bool Paint(ref Fragment at)
    {
        at.Albedo = colour;
        at.Glow = mirrored * (0.5f + Noise.At((at.U * 1.3f) + 7, at.V * 1.3f));
        return true;
    }
}

/// <summary>A car from the side: U metres from its rear, V above the ground.</summary>
internal sealed class CarSide(CarProfile p, Rgb paint, float glass, Rgb mirrored) : Surface(LabelIds.Car)
{
    public override bool Paint(ref Fragment at)
    {
        float u = at.U, v = at.V;
        if (v > p.Belt)
        {
            Cabin(ref at, u, v);
            return true;
        }

        float fromRear = u - p.RearAxle, fromFront = u - p.FrontAxle, axle = MathF.Abs(fromRear) < MathF.Abs(fromFront) ? fromRear : fromFront;
        float up = v - p.Wheel, wheel = MathF.Sqrt((axle * axle) + (up * up)) / p.Wheel;
        if (wheel < 1)
        {
            at.Albedo = Rgb.Gray(wheel < 0.62f ? 0.32f + (0.25f * (wheel < 0.2f ? 0 : 1)) : 0.05f);
            return true;
        }

        float top = u > p.Cowl ? p.Belt + ((p.Nose - p.Belt) * (u - p.Cowl) / (p.Length - p.Cowl)) : u < p.RearGlass ? p.Tail + ((p.Belt - p.Tail) * u / p.RearGlass) : p.Belt;
        if (v < p.Clearance || v > top)
        {
            return false;
        }

        if (wheel < 1.16f || v < p.Clearance + 0.07f)
        {
            at.Albedo = Rgb.Gray(0.06f);
            return true;
        }

        float door = (p.RearGlass + p.Cowl) / 2, seam = MathF.Min(MathF.Abs(u - door), MathF.Min(MathF.Abs(u - p.Cowl + 0.1f), MathF.Abs(u - door + 1)));
        bool handle = v > p.Belt - 0.2f && v < p.Belt - 0.15f && (u - door) is > -0.95f and < -0.75f or > 0.1f and < 0.3f;
        at.Albedo = paint * (handle ? 0.6f : seam < 0.015f + (0.2f * at.Footprint) ? 0.75f : 0.8f + (0.25f * v / p.Belt));
        at.Glow = mirrored * (v > p.Belt * 0.72f ? 0.07f : 0.02f);
        return true;
    }

    private void Cabin(ref Fragment at, float u, float v)
    {
        float up = (v - p.Belt) / (p.Height - p.Belt);
        float left = MathF.Max(p.RearGlass + ((p.RoofRear - p.RearGlass) * up) + 0.13f, p.WindowEnd), right = p.Cowl + ((p.RoofFront - p.Cowl) * up) - 0.10f;
        float door = (p.RearGlass + p.Cowl) / 2;
        bool pillar = MathF.Abs(u - door) < 0.045f || (p.Length > 4.4f && MathF.Abs(u - door + 1.05f) < 0.04f);
        if (u < left || u > right || up < 0.06f || up > 0.86f || pillar)
        {
            at.Albedo = pillar && up is > 0.06f and < 0.86f ? Rgb.Gray(0.05f) : paint;
            at.Glow = mirrored * 0.06f;
            return;
        }

        at.Albedo = Rgb.Gray(glass);
        at.Glow = mirrored * (0.12f + (0.3f * up * Noise.At((u * 0.9f) + 13, v)));
    }
}

/// <summary>A car's front or rear: U metres to the right of its middle, V above the ground.</summary>
internal sealed class CarEnd(CarProfile p, float top, Rgb paint, bool front, bool lampsOn, int look) : Surface(LabelIds.Car)
{
    private readonly float _lampWidth = 0.16f + (0.03f * (look & 7));
    private readonly float _lampHeight = front ? 0.09f + (0.01f * ((look >> 3) & 7)) : 0.1f + (0.025f * ((look >> 3) & 7));
    private readonly bool _darkBumper = (look & 64) != 0;

    public override bool Paint(ref Fragment at)
    {
        float half = p.Width / 2, aside = MathF.Abs(at.U), v = at.V;
        if (v < p.Clearance)
        {
            at.Albedo = Rgb.Gray(0.04f);
            return aside > half - 0.24f && aside < half - 0.02f;
        }

        float lamp = top - 0.1f - _lampHeight;
        if (aside > half - 0.06f - (2 * _lampWidth) && aside < half - 0.05f && MathF.Abs(v - lamp) < _lampHeight)
        {
            at.Albedo = front ? Rgb.Gray(0.75f) : new Rgb(0.55f, 0.04f, 0.04f);
            at.Glow = !lampsOn ? default : front ? new Rgb(1.3f, 1.25f, 1.1f) : new Rgb(0.8f, 0.05f, 0.04f);
        }
        else if (aside < 0.26f && MathF.Abs(v - p.Clearance - 0.25f) < 0.06f)
        {
            at.Albedo = Rgb.Gray(0.85f);
        }
        else if ((front && aside < half - 0.35f && v > p.Clearance + 0.36f && v < top - 0.12f) || v < p.Clearance + (_darkBumper ? 0.3f : 0.1f))
        {
            at.Albedo = Rgb.Gray(0.07f + (front && ExactMath.Fraction(v * 14) < 0.4f ? 0.08f : 0));
        }
        else
        {
            at.Albedo = paint * (0.85f + (0.15f * v / top));
        }

        return true;
    }
}
