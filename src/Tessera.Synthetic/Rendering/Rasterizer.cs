namespace Tessera.Synthetic;

/// <summary>
/// Draws faces with a depth buffer. A pixel belongs to a face when its centre does; whatever is nearest there gives the colour and the
/// label at once. Edges are softened later, in the colours alone, by the lens (<see cref="Sensor"/>).
/// </summary>
internal sealed class Rasterizer(Canvas canvas, Camera camera, Daylight daylight, ShadowMap shadows)
{
    private Vec3[] _clipped = new Vec3[16];
    private readonly float[] _left = new float[canvas.Height];
    private readonly float[] _right = new float[canvas.Height];

    /// <summary>Draws faces, nearest first: what is hidden is never painted.</summary>
    public void Draw(List<Face> faces)
    {
        var order = new long[faces.Count];
        for (int i = 0; i < order.Length; i++)
        {
            // Bits of positive floats are ordered as the floats; the index makes every key different, hence one order.
            order[i] = ((long)BitConverter.SingleToInt32Bits(NearestDepth(faces[i])) << 32) | (uint)i;
        }

        Array.Sort(order);
        foreach (long key in order)
        {
            Draw(faces[(int)(key & 0xFFFFFFFF)]);
        }
    }

    private float NearestDepth(Face face)
    {
        float nearest = float.MaxValue;
        foreach (Vec3 corner in face.Corners)
        {
            nearest = MathF.Min(nearest, camera.Depth(corner));
        }

        return MathF.Max(nearest, 0);
    }

    private void Draw(Face face)
    {
        Vec3 plane = Vec3.Cross(face.Corners[1] - face.Corners[0], face.Corners[2] - face.Corners[0]);
        float distance = Vec3.Dot(plane, face.Corners[0] - camera.Position);
        int corners = Clip(face.Corners);
        if (corners < 3 || distance == 0 || !Outline(corners, out int top, out int bottom))
        {
            return;
        }

        // Along a ray, one over the depth and texture coordinates over the depth are linear in the pixel's place.
        float per = 1 / distance;
        (float nearBase, float nearColumn, float nearRow) = camera.AlongRays(plane * per);
        (float uBase, float uColumn, float uRow) = camera.AlongRays(face.AlongU);
        (float vBase, float vColumn, float vRow) = camera.AlongRays(face.AlongV);
        float uOffset = Vec3.Dot(camera.Position - face.Origin, face.AlongU), vOffset = Vec3.Dot(camera.Position - face.Origin, face.AlongV);

        Vec3 centre = face.Centre, view = centre - camera.Position;
        float slant = MathF.Abs(Vec3.Dot(face.Normal, view)) / MathF.Max(view.Length, 0.01f);
        float pixel = 1 / (camera.Focal * MathF.Max(slant, 0.12f));
        Rgb light = daylight.On(face.Normal, 1 - shadows.Sun(centre.X, centre.Z));
        Surface surface = face.Surface;
        float[] nearnesses = canvas.Nearness;
        Fragment at = default;
        for (int y = top; y <= bottom; y++)
        {
            float py = y + 0.5f;
            int from = Math.Max(0, (int)MathF.Ceiling(_left[y] - 0.5f)), to = Math.Min(canvas.Width, (int)MathF.Ceiling(_right[y] - 0.5f));
            float rowNear = nearBase + (nearRow * py), rowU = uBase + (uRow * py), rowV = vBase + (vRow * py);
            for (int x = from; x < to; x++)
            {
                float px = x + 0.5f, nearness = rowNear + (nearColumn * px);
                int index = (y * canvas.Width) + x;
                if (nearness <= nearnesses[index])
                {
                    continue;
                }

                float depth = 1 / nearness;
                at.U = uOffset + ((rowU + (uColumn * px)) * depth);
                at.V = vOffset + ((rowV + (vColumn * px)) * depth);
                at.Footprint = depth * pixel;
                at.Glow = default;
                if (surface.Paint(ref at))
                {
                    canvas.Set(index, daylight.Through((at.Albedo * light) + at.Glow, depth), nearness, surface.Label);
                }
            }
        }
    }

    /// <summary>Cuts away what is behind the near plane (Sutherland and Hodgman).</summary>
    private int Clip(Vec3[] corners)
    {
        if (_clipped.Length <= corners.Length)
        {
            _clipped = new Vec3[corners.Length * 2];
        }

        int count = 0;
        Vec3 from = corners[^1];
        float fromDepth = camera.Depth(from) - Camera.Near;
        foreach (Vec3 to in corners)
        {
            float toDepth = camera.Depth(to) - Camera.Near;
            if (fromDepth >= 0 != toDepth >= 0)
            {
                _clipped[count++] = from + ((to - from) * (fromDepth / (fromDepth - toDepth)));
            }

            if (toDepth >= 0)
            {
                _clipped[count++] = to;
            }

            (from, fromDepth) = (to, toDepth);
        }

        return count;
    }

    /// <summary>Finds the columns between the polygon's edges in every row that it reaches.</summary>
    private bool Outline(int corners, out int top, out int bottom)
    {
        float lowest = float.MaxValue, highest = float.MinValue, leftmost = float.MaxValue, rightmost = float.MinValue;
        Span<(float X, float Y)> points = stackalloc (float, float)[corners];
        for (int i = 0; i < corners; i++)
        {
            points[i] = camera.Project(_clipped[i]);
            lowest = MathF.Min(lowest, points[i].Y);
            highest = MathF.Max(highest, points[i].Y);
            leftmost = MathF.Min(leftmost, points[i].X);
            rightmost = MathF.Max(rightmost, points[i].X);
        }

        top = Math.Max(0, (int)MathF.Ceiling(lowest - 0.5f));
        bottom = Math.Min(canvas.Height - 1, (int)MathF.Ceiling(highest - 0.5f) - 1);
        if (bottom < top || rightmost < 0 || leftmost > canvas.Width)
        {
            return false;
        }

        Array.Fill(_left, float.MaxValue, top, bottom - top + 1);
        Array.Fill(_right, float.MinValue, top, bottom - top + 1);
        (float X, float Y) a = points[corners - 1];
        foreach ((float X, float Y) b in points)
        {
            (float X, float Y) upper = a.Y < b.Y ? a : b, lower = a.Y < b.Y ? b : a;
            int first = Math.Max(top, (int)MathF.Ceiling(upper.Y - 0.5f)), last = Math.Min(bottom, (int)MathF.Ceiling(lower.Y - 0.5f) - 1);
            float slope = (lower.X - upper.X) / (lower.Y - upper.Y);
            for (int y = first; y <= last; y++)
            {
                float x = upper.X + (slope * (y + 0.5f - upper.Y));
                _left[y] = MathF.Min(_left[y], x);
                _right[y] = MathF.Max(_right[y], x);
            }

            a = b;
        }

        return true;
    }
}
