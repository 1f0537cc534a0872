using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>What covers the lens itself: the camera car's hood below, and on some cameras a border without picture.</summary>
internal static class LensFrame
{
    /// <summary>Draws into an empty canvas; everything else stays behind it.</summary>
    public static void Draw(Canvas canvas, Scene scene, SplittableRandom random)
    {
        int height = canvas.Height, width = canvas.Width;
        if (random.Chance(0.3))
        {
            DrawBorder(canvas, Math.Max(1, (int)(height * random.Between(0.004f, 0.012f))));
        }

        float top = random.Chance(0.6) ? random.Between(0.03f, 0.13f) : 0;
        float bulge = random.Between(0.3f, 0.9f), middle = random.Between(0.42f, 0.58f);
        Rgb paint = random.AnyColour(0.8f), mirrored = scene.Daylight.Mirrored;
        Rgb light = scene.Daylight.On(Vec3.UpAxis, 1 - scene.Shadows.Sun(0, 0));
        for (int x = 0; top > 0 && x < width; x++)
        {
            float aside = ((x + 0.5f) / width) - middle;
            float edge = height * (1 - (top * (1 - (bulge * 4 * aside * aside))));
            for (int y = Math.Max(0, (int)MathF.Ceiling(edge - 0.5f)); y < height; y++)
            {
                int index = (y * width) + x;
                if (canvas.Nearness[index] == 0)
                {
                    float inside = (y - edge) / (height * top);
                    canvas.Set(index, (paint * light).Towards(mirrored, 0.45f * (1 - ExactMath.Clamp01(inside))), Canvas.OnLens, LabelIds.EgoVehicle);
                }
            }
        }
    }

    private static void DrawBorder(Canvas canvas, int border)
    {
        for (int y = 0; y < canvas.Height; y++)
        {
            for (int x = 0; x < canvas.Width; x++)
            {
                if (x < border || y < border || x >= canvas.Width - border || y >= canvas.Height - border)
                {
                    canvas.Set((y * canvas.Width) + x, default, Canvas.OnLens, LabelIds.OutOfRoi);
                }
            }
        }
    }
}
