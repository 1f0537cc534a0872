using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Pedestrians and riders.</summary>
internal static class People
{
    private static readonly Rgb[] Skins = [new(0.80f, 0.62f, 0.50f), new(0.62f, 0.44f, 0.33f), new(0.40f, 0.27f, 0.20f), new(0.72f, 0.54f, 0.42f)];

    /// <summary>Adds somebody on foot, walking or standing.</summary>
    public static void AddPedestrian(Scene scene, Stance stance, SplittableRandom random)
    {
        float h = random.Chance(0.12) ? random.Between(1.0f, 1.4f) : random.Between(1.52f, 1.92f), broad = h * random.Between(0.10f, 0.15f);
        float stride = random.Chance(0.7) ? random.Between(0.08f, 0.24f) * h : 0.02f, swing = stride * 0.7f * random.Pick(-1f, 1f);
        Rgb coat = random.AnyColour(), trousers = random.AnyColour(0.65f), skin = random.Around(random.Pick(Skins), 0.15f), shoes = random.AnyColour(0.8f) * 0.6f;
        Rgb hair = random.Around(random.Pick(new Rgb(0.08f, 0.06f, 0.05f), new Rgb(0.30f, 0.20f, 0.12f), new Rgb(0.62f, 0.50f, 0.30f), Rgb.Gray(0.55f)), 0.3f);
        float hip = h * 0.50f, knee = h * 0.27f, shoulder = h * 0.81f, leg = h * 0.052f, aside = broad * 0.55f;
        var body = new Figure(scene, stance);
        for (int side = -1; side <= 1; side += 2)
        {
            float foot = side * stride;
            body.Limb(new Vec3(0, hip, side * aside), new Vec3((foot * 0.45f) + (0.03f * h), knee, side * aside), leg * 1.25f, leg, trousers)
                .Limb(new Vec3((foot * 0.45f) + (0.03f * h), knee, side * aside), new Vec3(foot, h * 0.05f, side * aside), leg, leg * 0.75f, trousers)
                .Limb(new Vec3(foot - 0.02f, h * 0.025f, side * aside), new Vec3(foot + (0.09f * h), h * 0.022f, side * aside), h * 0.026f, h * 0.02f, shoes);
        }

        if (random.Chance(0.2))
        {
            // A coat or skirt down to the knees.
            body.Limb(new Vec3(0, shoulder * 0.9f, 0), new Vec3(0, random.Between(0.25f, 0.42f) * h, 0), broad, broad * 1.4f, coat);
        }

        if (random.Chance(0.25))
        {
            body.Limb(new Vec3(-0.13f * h, h * 0.60f, 0), new Vec3(-0.13f * h, h * 0.75f, 0), h * 0.085f, h * 0.075f, random.AnyColour());
        }

        Arm(body, h, -1, broad, swing, coat, skin);
        body.Limb(new Vec3(0, hip, 0), new Vec3(0.01f, shoulder - (broad * 0.4f), 0), broad * 0.85f, broad, coat);
        Arm(body, h, 1, broad, -swing, coat, skin);
        Head(body, new Vec3(0.02f, h * 0.925f, 0), h * 0.068f, skin, hair);
        if (random.Chance(scene.Daylight.Wetness * 0.4))
        {
            Rgb cloth = random.AnyColour(0.4f);
            body.Limb(new Vec3(0.15f, h * 0.7f, 0.1f), new Vec3(0.1f, h * 1.15f, 0.1f), 0.015f, 0.015f, Rgb.Gray(0.2f))
                .Limb(new Vec3(0.1f, h * 1.12f, -0.35f), new Vec3(0.1f, h * 1.12f, 0.45f), 0.13f, 0.13f, cloth)
                .Limb(new Vec3(-0.3f, h * 1.12f, 0.05f), new Vec3(0.5f, h * 1.12f, 0.05f), 0.13f, 0.13f, cloth);
        }

        body.Finish(LabelIds.Person);
        scene.Shadows.Add(stance.Footprint(0.35f, 0.5f), 0, h);
    }

    /// <summary>Adds somebody who sits on a bicycle or motorcycle.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="stance">Where the vehicle stands and faces.</param>
    /// <param name="seat">Height of the seat.</param>
    /// <param name="handle">Where the hands are: X to the front, Y up.</param>
    /// <param name="foot">Height of the feet.</param>
    /// <param name="helmet">Whether the head is covered whole.</param>
    /// <param name="random">Draws the person.</param>
    public static void AddRider(Scene scene, Stance stance, float seat, Vec3 handle, float foot, bool helmet, SplittableRandom random)
    {
        Rgb jacket = random.AnyColour(), trousers = random.AnyColour(0.7f), skin = random.Around(random.Pick(Skins), 0.15f);
        float size = random.Between(0.92f, 1.06f), lean = random.Between(0.05f, 0.28f), pedal = random.Between(-0.12f, 0.12f);
        float back = -0.18f, shoulder = seat + (0.52f * size);
        var body = new Figure(scene, stance, nearer: 0.06f);
        for (int side = -1; side <= 1; side += 2)
        {
            float knee = back + 0.42f, kneeUp = ((seat + foot) / 2) + 0.12f + (side * pedal);
            body.Limb(new Vec3(back, seat, side * 0.1f), new Vec3(knee, kneeUp, side * 0.16f), 0.1f, 0.075f, trousers)
                .Limb(new Vec3(knee, kneeUp, side * 0.16f), new Vec3(0.08f, foot + (side * pedal), side * 0.14f), 0.075f, 0.055f, trousers);
        }

        for (int side = -1; side <= 1; side += 2)
        {
            if (side == 1)
            {
                body.Limb(new Vec3(back, seat + 0.05f, 0), new Vec3(lean, shoulder, 0), 0.16f, 0.19f * size, jacket);
            }

            body.Limb(new Vec3(lean, shoulder, side * 0.18f), new Vec3((lean + handle.X) / 2, ((shoulder + handle.Y) / 2) - 0.06f, side * 0.24f), 0.06f, 0.05f, jacket)
                .Limb(new Vec3((lean + handle.X) / 2, ((shoulder + handle.Y) / 2) - 0.06f, side * 0.24f), new Vec3(handle.X, handle.Y, side * 0.22f), 0.05f, 0.04f, jacket);
        }

        Rgb hair = helmet || random.Chance(0.4) ? random.AnyColour(0.5f) : random.Around(new Rgb(0.22f, 0.16f, 0.12f), 0.4f);
        Head(body, new Vec3(lean + 0.06f, shoulder + (0.27f * size), 0), 0.115f * size, helmet ? hair : skin, hair);
        body.Finish(LabelIds.Rider);
    }

    private static void Arm(Figure body, float h, int side, float broad, float swing, Rgb coat, Rgb skin)
    {
        var shoulder = new Vec3(0, h * 0.79f, side * broad * 1.1f);
        var elbow = new Vec3(swing * 0.4f, h * 0.62f, side * broad * 1.35f);
        var hand = new Vec3(swing + (0.03f * h), h * 0.47f, side * broad * 1.3f);
        body.Limb(shoulder, elbow, h * 0.04f, h * 0.035f, coat).Limb(elbow, hand, h * 0.035f, h * 0.028f, coat).Ball(hand, h * 0.03f, skin);
    }

    private static void Head(Figure body, Vec3 centre, float radius, Rgb skin, Rgb hair) => body
        .Limb(centre - new Vec3(0, radius * 1.6f, 0), centre, radius * 0.6f, radius * 0.6f, skin)
        .Ball(centre + new Vec3(-radius * 0.15f, radius * 0.25f, 0), radius, hair)
        .Limb(centre + new Vec3(radius * 0.3f, -radius * 0.35f, 0), centre + new Vec3(radius * 0.3f, radius * 0.05f, 0), radius * 0.75f, radius * 0.75f, skin);
}
