namespace Tessera.Synthetic;

/// <summary>A point or direction in metres: X to the right, Y up, Z forward along the street.</summary>
/// <remarks>Not System.Numerics.Vector3: its dot product may add in another order on another processor, and pixels must not differ.</remarks>
internal readonly record struct Vec3(float X, float Y, float Z)
{
    public static Vec3 UpAxis => new(0, 1, 0);

    public float Length => MathF.Sqrt(Dot(this, this));

    public Vec3 Unit => this * (1 / Length);

    public static Vec3 operator +(Vec3 a, Vec3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Vec3 operator -(Vec3 a, Vec3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Vec3 operator *(Vec3 a, float s) => new(a.X * s, a.Y * s, a.Z * s);

    public static float Dot(Vec3 a, Vec3 b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);

    public static Vec3 Cross(Vec3 a, Vec3 b) => new((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));
}
