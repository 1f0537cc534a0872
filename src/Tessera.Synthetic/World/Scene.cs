namespace Tessera.Synthetic;

/// <summary>Everything that one picture shows, before it is drawn.</summary>
internal sealed class Scene(Camera camera, CityStyle style, StreetPlan plan, Daylight daylight)
{
    public Camera Camera { get; } = camera;

    public CityStyle Style { get; } = style;

    public StreetPlan Plan { get; } = plan;

    public Daylight Daylight { get; } = daylight;

    public ShadowMap Shadows { get; } = new(daylight.Sun);

    public List<Face> Faces { get; } = [];

    /// <summary>Adds one side of a solid object unless the camera is behind it.</summary>
    /// <param name="outward">A direction that points away from the object's inside.</param>
    /// <param name="origin">The point with texture coordinates (0, 0).</param>
    /// <param name="alongU">U per metre.</param>
    /// <param name="alongV">V per metre.</param>
    /// <param name="surface">What it looks like.</param>
    /// <param name="corners">Its corners in order around it.</param>
    public void AddSide(Vec3 outward, Vec3 origin, Vec3 alongU, Vec3 alongV, Surface surface, params Vec3[] corners)
    {
        Vec3 normal = Vec3.Cross(corners[1] - corners[0], corners[2] - corners[0]);
        float length = normal.Length;
        if (length < 1e-9f)
        {
            return;
        }

        normal *= (Vec3.Dot(normal, outward) < 0 ? -1 : 1) / length;
        if (Vec3.Dot(normal, Camera.Position - corners[0]) > 0)
        {
            Faces.Add(new Face(corners, origin, alongU, alongV, normal, surface));
        }
    }

    /// <summary>Adds a thin upright sheet that is seen from both sides: U from the first to the second point, V up.</summary>
    public void AddSheet(Vec3 start, Vec3 end, float bottom, float top, Surface surface)
    {
        Vec3 flat = end - start, along = flat * (1 / MathF.Max(flat.Length, 0.001f));
        var facing = new Vec3(along.Z, 0, -along.X);
        Vec3 outward = Vec3.Dot(facing, Camera.Position - start) < 0 ? facing * -1 : facing;
        AddSide(outward, start, along, Vec3.UpAxis, surface, start with { Y = bottom }, end with { Y = bottom }, end with { Y = top }, start with { Y = top });
    }

    /// <summary>Adds a picture that always faces the camera: U to the right from its middle, V up from the ground, in metres.</summary>
    /// <param name="place">The middle of its foot; a height is kept as V's zero.</param>
    /// <param name="left">How far it reaches to the left.</param>
    /// <param name="right">How far it reaches to the right.</param>
    /// <param name="bottom">V of its lower border.</param>
    /// <param name="top">V of its upper border.</param>
    /// <param name="surface">What it looks like.</param>
    public void AddPicture(Vec3 place, float left, float right, float bottom, float top, Surface surface)
    {
        if (Camera.Depth(place) < 1)
        {
            // Nearer than this a flat figure is no figure any more.
            return;
        }

        Vec3 across = new Vec3(Camera.Right.X, 0, Camera.Right.Z).Unit;
        Vec3 a = place - (across * left), b = place + (across * right);
        AddSide(
            Camera.Position - place, place, across, Vec3.UpAxis, surface,
            a with { Y = place.Y + bottom }, b with { Y = place.Y + bottom }, b with { Y = place.Y + top }, a with { Y = place.Y + top });
    }

    /// <summary>Adds an upright box: on its sides U counts from the rear, on its ends from the left, V up from the ground.</summary>
    public void AddBox(Stance stance, float length, float width, float bottom, float top, BoxLook look)
    {
        float l = length / 2, w = width / 2;
        Vec3 front = stance.Front, right = stance.Right;
        for (int sign = -1; sign <= 1; sign += 2)
        {
            AddSide(right * sign, stance.At(-l, 0, w * sign), front, Vec3.UpAxis, look.Sides,
                stance.At(-l, bottom, w * sign), stance.At(l, bottom, w * sign), stance.At(l, top, w * sign), stance.At(-l, top, w * sign));
            AddSide(front * sign, stance.At(l * sign, 0, -w), right, Vec3.UpAxis, sign > 0 ? look.Front : look.Rear,
                stance.At(l * sign, bottom, -w), stance.At(l * sign, bottom, w), stance.At(l * sign, top, w), stance.At(l * sign, top, -w));
        }

        AddSide(Vec3.UpAxis, stance.At(-l, top, -w), front, right, look.Lid,
            stance.At(-l, top, -w), stance.At(l, top, -w), stance.At(l, top, w), stance.At(-l, top, w));
    }
}

/// <summary>The surfaces of a box; all carry the same label.</summary>
internal sealed record BoxLook(Surface Sides, Surface Front, Surface Rear, Surface Lid)
{
    /// <summary>The same surface on every side.</summary>
    public static BoxLook Same(Surface surface) => new(surface, surface, surface, surface);
}
