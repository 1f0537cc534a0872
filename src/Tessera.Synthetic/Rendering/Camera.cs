using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>A pinhole camera above the ground plane Y = 0, at X = Z = 0.</summary>
internal sealed class Camera
{
    /// <summary>Nothing nearer than this many metres is drawn.</summary>
    public const float Near = 0.4f;

    private readonly Vec3 _rayOrigin;
    private readonly Vec3 _rayPerColumn;
    private readonly Vec3 _rayPerRow;

    /// <summary>Places a camera.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="random">Draws lens, height above the ground and angles as cars carry cameras.</param>
    public Camera(int height, int width, SplittableRandom random)
    {
        Position = new Vec3(0, random.Chance(0.15) ? random.Between(1.7f, 2.6f) : random.Between(1.1f, 1.7f), 0);
        Focal = width * (random.Chance(0.25) ? random.Between(0.9f, 1.25f) : random.Between(0.6f, 0.95f));
        float yaw = random.Chance(0.15) ? random.Between(-0.07f, 0.07f) : random.Between(-0.025f, 0.025f);
        (float sinYaw, float cosYaw) = ExactMath.SinCos(yaw);
        (float sinPitch, float cosPitch) = ExactMath.SinCos(random.Between(-0.022f, 0.016f));
        (float sinRoll, float cosRoll) = ExactMath.SinCos(random.Between(-0.006f, 0.006f));
        Forward = new Vec3(sinYaw * cosPitch, sinPitch, cosYaw * cosPitch);
        var level = new Vec3(cosYaw, 0, -sinYaw);
        Vec3 above = Vec3.Cross(Forward, level);
        Right = (level * cosRoll) + (above * sinRoll);
        Up = (above * cosRoll) - (level * sinRoll);
        CentreX = (width / 2f) + (width * random.Between(-0.03f, 0.03f));
        CentreY = (height / 2f) + (height * random.Between(-0.08f, 0.06f));

        _rayPerColumn = Right * (1 / Focal);
        _rayPerRow = Up * (-1 / Focal);
        _rayOrigin = Forward - (_rayPerColumn * CentreX) - (_rayPerRow * CentreY);
    }

    public Vec3 Position { get; }

    public Vec3 Right { get; }

    public Vec3 Up { get; }

    public Vec3 Forward { get; }

    /// <summary>Focal length in pixels.</summary>
    public float Focal { get; }

    public float CentreX { get; }

    public float CentreY { get; }

    /// <summary>A linear function of rays as a linear function of pixel coordinates: value at (0, 0), step per column, step per row.</summary>
    public (float Base, float PerColumn, float PerRow) AlongRays(Vec3 direction) =>
        (Vec3.Dot(direction, _rayOrigin), Vec3.Dot(direction, _rayPerColumn), Vec3.Dot(direction, _rayPerRow));

    /// <summary>The direction in which a pixel looks, one metre long along <see cref="Forward"/>.</summary>
    public Vec3 Ray(float x, float y) => _rayOrigin + (_rayPerColumn * x) + (_rayPerRow * y);

    /// <summary>Metres in front of the camera.</summary>
    public float Depth(Vec3 point) => Vec3.Dot(point - Position, Forward);

    /// <summary>Where a point in front of the camera is seen, in pixels.</summary>
    public (float X, float Y) Project(Vec3 point)
    {
        Vec3 offset = point - Position;
        float scale = Focal / Vec3.Dot(offset, Forward);
        return (CentreX + (scale * Vec3.Dot(offset, Right)), CentreY - (scale * Vec3.Dot(offset, Up)));
    }
}
