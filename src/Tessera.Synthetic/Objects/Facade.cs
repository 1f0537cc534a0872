using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>How a building's walls look, the same on all of its sides.</summary>
internal sealed class FacadeLook
{
    /// <summary>Draws a look in a city's manner.</summary>
    public FacadeLook(CityStyle style, Daylight daylight, SplittableRandom random)
    {
        Wall = random.Around(random.Pick<Rgb>(style.Walls), 0.12f);
        Glassy = random.Chance(style.Glass);
        Brick = !Glassy && random.Chance(style.Brick);
        FloorHeight = random.Between(2.8f, 3.8f);
        Pitch = Glassy ? random.Between(1.2f, 2.2f) : random.Between(1.8f, 4.2f);
        WindowWidth = Glassy ? random.Between(0.82f, 0.95f) : random.Between(0.3f, 0.72f);
        WindowHeight = Glassy ? random.Between(0.7f, 0.93f) : random.Between(0.4f, 0.7f);
        Frame = random.Chance(0.6) ? Rgb.Gray(random.Between(0.6f, 0.95f)) : random.AnyColour(0.4f);
        Trim = random.Around(Wall.Towards(Rgb.Gray(random.Chance(0.5) ? 0.9f : 0.25f), 0.5f), 0.1f);
        Glass = random.Around(random.Pick(new Rgb(0.10f, 0.12f, 0.15f), new Rgb(0.16f, 0.22f, 0.28f), new Rgb(0.12f, 0.17f, 0.16f)), 0.3f);
        Mirrored = daylight.Mirrored * random.Between(0.1f, Glassy ? 0.5f : 0.3f);
        LitShare = daylight.LampsOn ? random.Between(0.15f, 0.6f) : random.Between(0, 0.03f);
        Shops = random.Chance(0.35);
        ShopHeight = random.Between(3.2f, 4.4f);
        Awning = random.AnyColour(0.2f);
        Balconies = !Glassy && random.Chance(0.25);
        Ledges = random.Chance(0.4);
        Salt = random.Next(1 << 20);
    }

    public Rgb Wall { get; }

    public bool Glassy { get; }

    public bool Brick { get; }

    public float FloorHeight { get; }

    /// <summary>Metres from window to window.</summary>
    public float Pitch { get; }

    /// <summary>A window's share of the pitch.</summary>
    public float WindowWidth { get; }

    /// <summary>A window's share of the floor's height.</summary>
    public float WindowHeight { get; }

    public Rgb Frame { get; }

    public Rgb Trim { get; }

    public Rgb Glass { get; }

    /// <summary>What windows mirror of the sky.</summary>
    public Rgb Mirrored { get; }

    /// <summary>Share of windows with light behind them.</summary>
    public float LitShare { get; }

    public bool Shops { get; }

    public float ShopHeight { get; }

    public Rgb Awning { get; }

    public bool Balconies { get; }

    public bool Ledges { get; }

    public int Salt { get; }
}

/// <summary>A wall of a building: U metres along it, V metres above the ground.</summary>
/// <param name="look">The building's look.</param>
/// <param name="width">Length of the wall in metres.</param>
/// <param name="height">Height of the wall in metres.</param>
/// <param name="blank">Whether it has no windows, as walls between houses.</param>
internal sealed class Facade(FacadeLook look, float width, float height, bool blank) : Surface(LabelIds.Building)
{
    private readonly float _pitch = width / MathF.Max(1, MathF.Round(width / look.Pitch));
    private readonly float _ground = look.Shops ? look.ShopHeight : 0.4f;
    private readonly Rgb _meanWindow = look.Glass + (look.Mirrored * 0.6f);

    public override bool Paint(ref Fragment at)
    {
        float u = at.U, v = at.V;
        at.Albedo = Wall(u, v, at.Footprint);
        if (v > height - 0.45f)
        {
            at.Albedo = look.Trim;
            return true;
        }

        if (v < _ground)
        {
            if (look.Shops && !blank)
            {
                Shop(ref at, u, v);
            }
            else
            {
                at.Albedo = look.Trim * 0.8f;
            }

            return true;
        }

        float floors = (v - _ground) / look.FloorHeight, columns = u / _pitch;
        if (look.Ledges && ExactMath.Fraction(floors) < 0.06f)
        {
            at.Albedo = look.Trim;
        }
        else if (!blank && v < _ground + (MathF.Floor((height - 0.5f - _ground) / look.FloorHeight) * look.FloorHeight))
        {
            Window(ref at, (int)MathF.Floor(columns), (int)MathF.Floor(floors), ExactMath.Fraction(columns), ExactMath.Fraction(floors));
        }

        return true;
    }

    private Rgb Wall(float u, float v, float footprint)
    {
        float level = 1 + ((Noise.Layered((u * 0.35f) + (look.Salt & 63), v * 0.22f) - 0.5f) * 0.3f);
        float detail = Detail(0.16f, footprint);
        if (look.Brick && detail > 0)
        {
            float row = v / 0.16f, brick = (u / 0.42f) + (0.5f * ((int)MathF.Floor(row) & 1));
            bool joint = ExactMath.Fraction(row) < 0.16f || ExactMath.Fraction(brick) < 0.06f;
            float own = Noise.Cell((int)MathF.Floor(brick), (int)MathF.Floor(row), look.Salt) - 0.5f;
            return (look.Wall * (level + (detail * 0.3f * own))).Towards(Rgb.Gray(0.55f), joint ? 0.5f * detail : 0);
        }

        return look.Wall * (level + (0.12f * (Noise.At(u * 9, v * 9) - 0.5f) * Detail(0.3f, footprint)));
    }

    private void Window(ref Fragment at, int column, int floor, float u, float v)
    {
        float detail = Detail(MathF.Min(_pitch, look.FloorHeight) * 0.7f, at.Footprint), share = look.WindowWidth * look.WindowHeight;
        Rgb wall = at.Albedo, mean = wall.Towards(_meanWindow, share);
        float across = (u - 0.5f) / (look.WindowWidth / 2), up = (v - 0.48f) / (look.WindowHeight / 2);
        Rgb seen = wall, glow = default;
        if (look.Balconies && v < 0.36f && Noise.Cell(column, 5, look.Salt) < 0.6f)
        {
            seen = look.Trim * (0.7f + (0.3f * (v < 0.06f ? 0 : ExactMath.Fraction(u * 12) < 0.5f ? 1 : 0.6f)));
        }
        else if (MathF.Abs(across) < 1 && MathF.Abs(up) < 1)
        {
            float frame = 0.09f / look.WindowWidth;
            bool bar = MathF.Abs(across) > 1 - frame || MathF.Abs(up) > 1 - (0.06f / look.WindowHeight) || MathF.Abs(across) < frame * 0.4f;
            float inside = Noise.Cell(column, floor, look.Salt);
            if (bar)
            {
                seen = look.Frame;
            }
            else if (inside < look.LitShare)
            {
                seen = new Rgb(0.5f, 0.42f, 0.28f);
                glow = new Rgb(0.9f, 0.72f, 0.42f) * (0.4f + inside);
            }
            else if (inside > 0.8f && up > (inside * 9) - 8)
            {
                // A blind, let down by its own length.
                seen = Rgb.Gray(0.72f);
            }
            else
            {
                seen = look.Glass * (0.6f + (0.8f * Noise.Cell(column, floor, look.Salt + 1)));
                glow = look.Mirrored * (0.4f + (0.5f * v) + (0.4f * Noise.Cell(column, floor, look.Salt + 2)));
            }
        }

        at.Albedo = mean.Towards(seen, detail);
        at.Glow = glow * detail;
    }

    private void Shop(ref Fragment at, float u, float v)
    {
        int shop = (int)MathF.Floor(u / 6.5f);
        float within = ExactMath.Fraction(u / 6.5f), own = Noise.Cell(shop, 7, look.Salt);
        if (v > _ground - 0.9f)
        {
            // The sign above the shop: it is part of the building, as the labelling rules have it.
            float letters = Noise.Cell((int)MathF.Floor(u * 4), shop, look.Salt) * (v < _ground - 0.25f && v > _ground - 0.7f ? 1 : 0);
            at.Albedo = look.Awning.Towards(Rgb.Gray(own), 0.4f).Towards(Rgb.Gray(0.9f), letters > 0.55f ? 0.8f : 0);
        }
        else if (within is > 0.06f and < 0.94f && v > 0.3f)
        {
            float goods = Noise.Layered((u * 1.8f) + (own * 40), v * 1.8f);
            at.Albedo = ExactMath.Fraction(within * 3) < 0.04f ? look.Frame : look.Glass.Towards(look.Wall, goods * 0.5f);
            at.Glow = (look.Mirrored * (0.3f + (0.4f * v / _ground))) + (new Rgb(0.9f, 0.75f, 0.5f) * (look.LitShare * goods));
        }
        else
        {
            at.Albedo = look.Trim;
        }
    }
}
