using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Poles, and the lamps, traffic lights and signs on them.</summary>
internal static class Posts
{
    /// <summary>Adds a lamp post.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="place">Its foot.</param>
    /// <param name="height">Metres.</param>
    /// <param name="arm">How far its arm reaches to the right; negative: to the left.</param>
    /// <param name="wires">Whether it is a mast with a cross beam instead.</param>
    /// <param name="random">Draws its colour and thickness.</param>
    public static void AddLamp(Scene scene, Vec3 place, float height, float arm, bool wires, SplittableRandom random)
    {
        Rgb colour = random.Around(scene.Style.PoleColour, 0.12f);
        float thick = random.Between(0.06f, 0.12f);
        var shapes = new List<Shape> { Shape.Limb(0, 0, 0, height, thick * 1.3f, thick * 0.8f, colour), Shape.Limb(0, 0, 0, 0.7f, thick * 1.8f, thick * 1.4f, colour) };
        if (wires)
        {
            shapes.Add(Shape.Limb(-0.9f, height - 0.4f, 0.9f, height - 0.4f, 0.06f, 0.06f, colour));
        }
        else if (arm != 0)
        {
            shapes.Add(Shape.Limb(0, height, arm, height + 0.35f, 0.05f, 0.04f, colour));
            shapes.Add(Shape.Limb(arm, height + 0.35f, arm * 1.3f, height + 0.38f, 0.09f, 0.07f, Rgb.Gray(0.5f)) with { Glow = scene.Daylight.LampsOn ? 1.8f : 0 });
        }
        else
        {
            shapes.Add(Shape.Limb(0, height, 0, height + 0.35f, 0.1f, 0.18f, Rgb.Gray(0.6f)) with { Glow = scene.Daylight.LampsOn ? 1.6f : 0 });
        }

        new ShapeSurface(LabelIds.Pole, shapes, 0.08f).AddTo(scene, place);
        scene.Shadows.AddRound(place.X, place.Z, thick * 1.5f, 0, height);
    }

    /// <summary>Adds a short post.</summary>
    public static void AddBollard(Scene scene, Vec3 place, float height, Rgb colour)
    {
        Shape[] shapes = [Shape.Limb(0, 0, 0, height, 0.07f, 0.06f, colour), Shape.Limb(0, height * 0.8f, 0, height * 0.85f, 0.065f, 0.065f, Rgb.Gray(0.8f))];
        new ShapeSurface(LabelIds.Pole, shapes, 0.1f).AddTo(scene, place);
    }

    /// <summary>Adds one to three signs on a post.</summary>
    public static void AddSign(Scene scene, Vec3 place, SplittableRandom random)
    {
        float y = random.Between(1.9f, 2.7f), size = random.Between(0.28f, 0.48f);
        int count = random.PickWeighted(0.65f, 0.28f, 0.07f) + 1;
        for (int i = 0; i < count; i++)
        {
            float half = size * random.Between(0.85f, 1.05f);
            y += half;
            Signs.Add(scene, place, y, half, random);
            y += half + 0.06f;
        }

        Rgb colour = random.Chance(0.7) ? Rgb.Gray(0.48f) : scene.Style.PoleColour;
        new ShapeSurface(LabelIds.Pole, [Shape.Limb(0, 0, 0, y, 0.045f, 0.045f, colour)], 0.08f).AddTo(scene, place);
    }

    /// <summary>Adds traffic lights at a crossing: on the near side of the camera's direction, often also beyond and on masts.</summary>
    public static void AddTrafficLights(Scene scene, Crossing crossing, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        int state = random.PickWeighted(0.5f, 0.15f, 0.35f), drive = scene.Style.DriveSide;
        Rgb housing = random.Around(scene.Style.LightHousing, 0.2f);
        bool mast = random.Chance(0.35), beyond = random.Chance(0.55);
        for (int side = -1; side <= 1; side += 2)
        {
            float t = side * (plan.Curb(side) + 0.7f);
            if (side == drive || random.Chance(0.5))
            {
                AddTrafficLight(scene, plan.World(crossing.Near - 1, t), mast && side == drive ? -side * random.Between(2.5f, 4.5f) : 0, state, housing, random);
            }

            if (beyond)
            {
                AddTrafficLight(scene, plan.World(crossing.Far + 1.5f, t), mast && side == drive ? -side * random.Between(2.5f, 4.5f) : 0, state, housing, random);
            }
        }
    }

    /// <summary>Adds a frame over the road with large signs.</summary>
    public static void AddGantry(Scene scene, float s, SplittableRandom random)
    {
        StreetPlan plan = scene.Plan;
        float height = random.Between(5.6f, 6.6f);
        Vec3 left = plan.World(s, -plan.Curb(-1) - 0.8f), right = plan.World(s, plan.Curb(1) + 0.8f);
        float span = right.X - left.X;
        Rgb steel = Rgb.Gray(random.Between(0.3f, 0.6f));
        Shape[] frame = [Shape.Limb(0, 0, 0, height, 0.16f, 0.14f, steel), Shape.Limb(span, 0, span, height, 0.16f, 0.14f, steel), Shape.Limb(0, height, span, height, 0.14f, 0.14f, steel)];
        new ShapeSurface(LabelIds.Pole, frame, 0.08f).AddTo(scene, left);
        for (int i = 0; i < 2; i++)
        {
            float width = span * random.Between(0.14f, 0.2f), x = span * (0.3f + (0.42f * i));
            Signs.AddBoard(scene, left + new Vec3(x, 0, -0.3f), height - 0.2f, width, random.Between(0.7f, 1.2f), random);
        }
    }

    private static void AddTrafficLight(Scene scene, Vec3 place, float arm, int state, Rgb housing, SplittableRandom random)
    {
        float height = arm != 0 ? random.Between(5, 5.8f) : random.Between(2.7f, 3.5f), thick = arm != 0 ? 0.11f : 0.07f;
        var pole = new List<Shape> { Shape.Limb(0, 0, 0, height, thick, thick * 0.8f, scene.Style.PoleColour) };
        AddHead(scene, place, 0, MathF.Min(height, 3.2f) - 0.45f, state, housing, random.Between(1, 1.35f));
        if (arm != 0)
        {
            pole.Add(Shape.Limb(0, height, arm, height + 0.1f, 0.08f, 0.06f, scene.Style.PoleColour));
            AddHead(scene, place, arm, height - 0.2f, state, housing, 1.35f);
        }

        new ShapeSurface(LabelIds.Pole, pole, 0.08f).AddTo(scene, place);
        scene.Shadows.AddRound(place.X, place.Z, 0.15f, 0, height);
    }

    private static void AddHead(Scene scene, Vec3 place, float x, float y, int state, Rgb housing, float size)
    {
        float lamp = 0.11f * size, half = 0.5f * size;
        var shapes = new List<Shape> { Shape.Inside(ShapeKind.Box, x, y, 0.19f * size, half, housing) };
        ReadOnlySpan<Rgb> colours = [new Rgb(1, 0.10f, 0.06f), new Rgb(1, 0.62f, 0.08f), new Rgb(0.10f, 0.95f, 0.50f)];
        for (int i = 0; i < 3; i++)
        {
            bool on = i == state;
            shapes.Add(Shape.Inside(ShapeKind.Ellipse, x, y + ((1 - i) * 0.31f * size), lamp, lamp, colours[i] * (on ? 0.9f : 0.12f), on ? 0.8f : 0));
        }

        // Before its pole.
        new ShapeSurface(LabelIds.TrafficLight, shapes, 0.05f).AddTo(scene, place - (scene.Camera.Forward with { Y = 0 } * 0.15f));
    }
}
