namespace Tessera.Synthetic;

/// <summary>
/// Builds flat figures of bodies that have a front: parts are given in metres to the front, up and to the right of the body and are
/// seen from where the camera is.
/// </summary>
internal sealed class Figure
{
    private readonly List<Shape> _shapes = [];
    private readonly Scene _scene;
    private readonly Vec3 _place;
    private readonly float _frontToRight;
    private readonly float _sideToRight;

    /// <summary>Starts a figure at a place.</summary>
    /// <param name="scene">The scene that it will stand in.</param>
    /// <param name="stance">Where it stands and faces.</param>
    /// <param name="nearer">Metres by which it is moved to the camera, to lie before what it sits on.</param>
    public Figure(Scene scene, Stance stance, float nearer = 0)
    {
        _scene = scene;
        Vec3 view = new Vec3(stance.X, 0, stance.Z).Unit;
        _frontToRight = (stance.HeadingX * view.Z) - (stance.HeadingZ * view.X);
        _sideToRight = (stance.HeadingX * view.X) + (stance.HeadingZ * view.Z);
        _place = new Vec3(stance.X, 0, stance.Z) - (view * nearer);
    }

    /// <summary>A round limb between two points (X to the front, Y up, Z to the right).</summary>
    public Figure Limb(Vec3 a, Vec3 b, float radiusA, float radiusB, Rgb colour)
    {
        _shapes.Add(Shape.Limb(Across(a), a.Y, Across(b), b.Y, radiusA, radiusB, colour));
        return this;
    }

    /// <summary>A ball.</summary>
    public Figure Ball(Vec3 centre, float radius, Rgb colour) => Limb(centre, centre, radius, radius, colour);

    /// <summary>A wheel that rolls to the front.</summary>
    public Figure Wheel(float front, float radius, float thickness, Rgb colour)
    {
        _shapes.Add(new Shape(ShapeKind.Ring, front * _frontToRight, radius + thickness, MathF.Abs(_frontToRight), 0, radius, thickness, colour));
        return this;
    }

    /// <summary>A lamp on the front or rear, seen only from there.</summary>
    public Figure Lamp(Vec3 centre, float radius, Rgb colour, bool atFront, float glow)
    {
        // Seen from the front the body's right side lies to the left.
        if (atFront == _sideToRight < 0)
        {
            _shapes.Add(Shape.Inside(ShapeKind.Ellipse, Across(centre), centre.Y, radius, radius, colour, glow));
        }

        return this;
    }

    /// <summary>Adds the figure to its scene.</summary>
    public void Finish(byte label) => new ShapeSurface(label, _shapes).AddTo(_scene, _place);

    private float Across(Vec3 point) => (point.X * _frontToRight) + (point.Z * _sideToRight);
}
