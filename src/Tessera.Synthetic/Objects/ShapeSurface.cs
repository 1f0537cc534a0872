namespace Tessera.Synthetic;

/// <summary>A flat figure made of shapes, the last one on top, with holes between them.</summary>
internal sealed class ShapeSurface(byte label, IReadOnlyList<Shape> shapes, float cloth = 0.2f) : Surface(label)
{
    private readonly Shape[] _shapes = [.. shapes];

    /// <summary>Adds the figure to a scene at a place, facing the camera.</summary>
    public void AddTo(Scene scene, Vec3 place)
    {
        float left = 0, right = 0, bottom = float.MaxValue, top = float.MinValue;
        foreach (Shape shape in _shapes)
        {
            (float l, float r, float b, float t) = shape.Bounds;
            (left, right, bottom, top) = (MathF.Min(left, l), MathF.Max(right, r), MathF.Min(bottom, b), MathF.Max(top, t));
        }

        // Thin lines are drawn wider than they are where pixels are coarse.
        float margin = scene.Camera.Depth(place) / scene.Camera.Focal;
        scene.AddPicture(place, margin - left, right + margin, MathF.Max(bottom - margin, -place.Y), top + margin, this);
    }

    public override bool Paint(ref Fragment at)
    {
        float least = at.Footprint * 0.6f;
        for (int i = _shapes.Length - 1; i >= 0; i--)
        {
            ref readonly Shape shape = ref _shapes[i];
            if (shape.Covers(at.U, at.V, least, out float relief))
            {
                float weave = 1 + (cloth * (Noise.At(at.U * 11, at.V * 9) - 0.5f));
                at.Albedo = shape.Colour * (relief * weave);
                at.Glow = shape.Colour * shape.Glow;
                return true;
            }
        }

        return false;
    }
}
