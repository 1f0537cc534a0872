namespace Tessera.Data;

/// <summary>One affine change of an image about its centre, with torchvision's meaning (<c>functional.affine</c>).</summary>
/// <param name="Scale">Factor, positive; 2 makes things twice as large.</param>
/// <param name="Angle">Rotation in degrees, clockwise.</param>
/// <param name="TranslateX">Shift to the right in pixels.</param>
/// <param name="TranslateY">Shift down in pixels.</param>
/// <param name="ShearX">Shear parallel to the x axis in degrees, between -90 and 90.</param>
/// <param name="ShearY">Shear parallel to the y axis in degrees, between -90 and 90.</param>
public readonly record struct AffineParameters(double Scale, double Angle = 0, double TranslateX = 0, double TranslateY = 0, double ShearX = 0, double ShearY = 0)
{
    /// <summary>Whether rows stay rows and columns stay columns.</summary>
    internal bool IsSeparable => Angle == 0 && ShearX == 0 && ShearY == 0;

    /// <summary>
    /// The inverse map, from output to source, in coordinates relative to the centre. Forward it is translation · rotation · shear · scale,
    /// with shears [1, -tan x; 0, 1] after [1, 0; -tan y, 1], whose determinant is 1.
    /// </summary>
    internal AffineMap Invert()
    {
        double rotation = double.DegreesToRadians(Angle), x = double.DegreesToRadians(ShearX), y = double.DegreesToRadians(ShearY);
        double a = Math.Cos(rotation - y) / Math.Cos(y), c = Math.Sin(rotation - y) / Math.Cos(y);
        double b = (-a * Math.Tan(x)) - Math.Sin(rotation), d = (-c * Math.Tan(x)) + Math.Cos(rotation);
        double xx = d / Scale, xy = -b / Scale, yx = -c / Scale, yy = a / Scale;
        return new AffineMap(xx, xy, -((xx * TranslateX) + (xy * TranslateY)), yx, yy, -((yx * TranslateX) + (yy * TranslateY)));
    }
}

/// <summary>x' = XX·x + XY·y + X0, y' = YX·x + YY·y + Y0.</summary>
internal readonly record struct AffineMap(double XX, double XY, double X0, double YX, double YY, double Y0);
