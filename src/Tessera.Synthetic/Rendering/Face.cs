namespace Tessera.Synthetic;

/// <summary>A flat convex polygon in space.</summary>
/// <param name="Corners">At least three corners, in order around it.</param>
/// <param name="Origin">The point whose texture coordinates are (0, 0).</param>
/// <param name="AlongU">A point P has U = (P - Origin)·AlongU.</param>
/// <param name="AlongV">A point P has V = (P - Origin)·AlongV.</param>
/// <param name="Normal">Unit direction that decides the light, away from the object.</param>
/// <param name="Surface">What it looks like.</param>
internal sealed record Face(Vec3[] Corners, Vec3 Origin, Vec3 AlongU, Vec3 AlongV, Vec3 Normal, Surface Surface)
{
    /// <summary>The point whose shadow falls on the whole face.</summary>
    public Vec3 Centre
    {
        get
        {
            Vec3 sum = default;
            foreach (Vec3 corner in Corners)
            {
                sum += corner;
            }

            return sum * (1f / Corners.Length);
        }
    }
}
