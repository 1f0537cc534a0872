using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>What the scenes of one city have in common.</summary>
internal sealed class CityStyle
{
    /// <summary>Draws a style from the city's own stream.</summary>
    public CityStyle(SplittableRandom random)
    {
        DriveSide = random.Chance(0.8) ? 1 : -1;
        YellowLines = random.Chance(0.35);
        Asphalt = random.Around(Rgb.Gray(random.Between(0.24f, 0.46f)), 0.12f);
        Pavement = random.Pick(
            random.Around(new Rgb(0.52f, 0.51f, 0.49f), 0.15f), random.Around(new Rgb(0.50f, 0.36f, 0.30f), 0.2f),
            random.Around(Rgb.Gray(0.36f), 0.2f), random.Around(new Rgb(0.60f, 0.56f, 0.47f), 0.12f));
        PavementCell = random.Pick(0.25f, 0.4f, 0.6f, 1.0f, 0);
        Cobbles = random.Chance(0.25);
        Walls = new Rgb[6];
        for (int i = 0; i < Walls.Length; i++)
        {
            Walls[i] = random.Chance(0.3) ? random.AnyColour() : random.Around(random.Pick(
                new Rgb(0.72f, 0.66f, 0.55f), new Rgb(0.52f, 0.30f, 0.24f), new Rgb(0.62f, 0.60f, 0.58f), new Rgb(0.80f, 0.76f, 0.70f), new Rgb(0.45f, 0.42f, 0.40f)), 0.2f);
        }

        Brick = random.Between(0, 0.6f);
        Glass = random.Between(0, 0.25f);
        Floors = random.Between(2, 6);
        Gables = random.Between(0, 0.9f);
        Leaves = new Rgb[4];
        int season = random.PickWeighted(0.6f, 0.25f, 0.15f);
        for (int i = 0; i < Leaves.Length; i++)
        {
            Leaves[i] = season switch
            {
                0 => random.Around(random.Pick(new Rgb(0.20f, 0.34f, 0.12f), new Rgb(0.30f, 0.40f, 0.15f), new Rgb(0.14f, 0.26f, 0.14f)), 0.25f),
                1 => random.Around(random.Pick(new Rgb(0.55f, 0.36f, 0.12f), new Rgb(0.45f, 0.42f, 0.14f), new Rgb(0.46f, 0.20f, 0.10f), new Rgb(0.24f, 0.34f, 0.14f)), 0.2f),
                _ => random.Around(random.Pick(new Rgb(0.30f, 0.27f, 0.20f), new Rgb(0.22f, 0.27f, 0.17f), new Rgb(0.34f, 0.33f, 0.20f)), 0.2f),
            };
        }

        BareTrees = season == 2 ? 0.7f : season == 1 ? 0.15f : 0;
        Greenery = random.Between(0.15f, 0.8f);
        Grass = season == 0 ? random.Around(new Rgb(0.30f, 0.40f, 0.17f), 0.2f) : random.Around(new Rgb(0.42f, 0.38f, 0.22f), 0.2f);
        PoleColour = random.Around(random.Pick(Rgb.Gray(0.45f), Rgb.Gray(0.16f), new Rgb(0.18f, 0.27f, 0.22f), new Rgb(0.42f, 0.36f, 0.28f)), 0.15f);
        LightHousing = random.Pick(Rgb.Gray(0.06f), new Rgb(0.10f, 0.22f, 0.14f), new Rgb(0.75f, 0.58f, 0.08f));
        Trams = random.Chance(0.85);
        TramColour = random.AnyColour(0.3f);
        BusColour = random.AnyColour(0.25f);
    }

    /// <summary>1 where cars keep to the right, -1 to the left.</summary>
    public int DriveSide { get; }

    public bool YellowLines { get; }

    public Rgb Asphalt { get; }

    public Rgb Pavement { get; }

    /// <summary>Size of paving slabs in metres; 0: asphalt, as the road has.</summary>
    public float PavementCell { get; }

    public bool Cobbles { get; }

    public Rgb[] Walls { get; }

    /// <summary>Share of brick façades.</summary>
    public float Brick { get; }

    /// <summary>Share of glass façades.</summary>
    public float Glass { get; }

    /// <summary>Usual number of floors.</summary>
    public float Floors { get; }

    /// <summary>Share of houses with a pitched roof.</summary>
    public float Gables { get; }

    public Rgb[] Leaves { get; }

    /// <summary>Share of trees without leaves.</summary>
    public float BareTrees { get; }

    /// <summary>How many trees stand along streets, 0..1.</summary>
    public float Greenery { get; }

    public Rgb Grass { get; }

    public Rgb PoleColour { get; }

    public Rgb LightHousing { get; }

    public bool Trams { get; }

    public Rgb TramColour { get; }

    public Rgb BusColour { get; }
}
