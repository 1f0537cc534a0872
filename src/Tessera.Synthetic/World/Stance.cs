namespace Tessera.Synthetic;

/// <summary>Where an object stands on the ground and which way it faces (a unit direction).</summary>
internal readonly record struct Stance(float X, float Z, float HeadingX, float HeadingZ)
{
    /// <summary>The unit direction of the object's front.</summary>
    public Vec3 Front => new(HeadingX, 0, HeadingZ);

    /// <summary>The unit direction of the object's right side.</summary>
    public Vec3 Right => new(HeadingZ, 0, -HeadingX);

    /// <summary>A point of the object as a point of the world: metres to its front, up, and to its right.</summary>
    public Vec3 At(float front, float up, float right) =>
        new(X + (front * HeadingX) + (right * HeadingZ), up, Z + (front * HeadingZ) - (right * HeadingX));

    /// <summary>The four corners of a rectangle around the object on the ground.</summary>
    public (float X, float Z)[] Footprint(float length, float width)
    {
        Vec3 a = At(length / 2, 0, width / 2), b = At(length / 2, 0, -width / 2), c = At(-length / 2, 0, -width / 2), d = At(-length / 2, 0, width / 2);
        return [(a.X, a.Z), (b.X, b.Z), (c.X, c.Z), (d.X, d.Z)];
    }
}
