using Tessera.Core;

namespace Tessera.Benchmarks.FrameConversion;

/// <summary>The conversions as plain loops over whole pictures without padding, as one writes them first.</summary>
internal static class PlainLoops
{
    public static void Colours(byte[] pixels, int channels, int red, sbyte[] yuv)
    {
        for (int i = 0, p = 0; i + 2 < yuv.Length; i += 3, p += channels)
        {
            int r = pixels[p + red], g = pixels[p + 1], b = pixels[p + 2 - red];
            yuv[i] = (sbyte)((((77 * r) + (150 * g) + (29 * b) + 128) >> 8) - 128);
            yuv[i + 1] = (sbyte)(((-43 * r) - (84 * g) + (127 * b) + 128) >> 8);
            yuv[i + 2] = (sbyte)(((127 * r) - (106 * g) - (21 * b) + 128) >> 8);
        }
    }

    public static void Samples(byte[] buffer, int height, int width, bool pairs, bool studio, sbyte[] yuv)
    {
        int chroma = height * width, half = width / 2, v = pairs ? chroma + 1 : chroma + (height / 2 * half), step = pairs ? 2 : 1;
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i += 3)
            {
                int at = ((y / 2 * half) + (x / 2)) * step;
                int luma = buffer[(y * width) + x], cb = buffer[chroma + at] - 128, cr = buffer[v + at] - 128;
                if (studio)
                {
                    luma = ((298 * (Math.Clamp(luma, 16, 235) - 16)) + 128) >> 8;
                    cb = Expanded(cb);
                    cr = Expanded(cr);
                }

                (yuv[i], yuv[i + 1], yuv[i + 2]) = ((sbyte)(luma - 128), (sbyte)cb, (sbyte)cr);
            }
        }

        static int Expanded(int chroma)
        {
            chroma = Math.Clamp(chroma, -112, 112);
            return Math.Min(chroma + (((71 * chroma) + 256) >> 9), 127);
        }
    }

    public static void Enlarge(byte[] map, int height, int width, int factor, byte[] target)
    {
        for (int y = 0, i = 0; y < height * factor; y++)
        {
            for (int x = 0; x < width * factor; x++, i++)
            {
                target[i] = map[(y / factor * width) + (x / factor)];
            }
        }
    }

    public static void Overlay(byte[] map, int mapWidth, ClassTable classes, int share, byte[] picture, int height, int width, int channels)
    {
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int id = map[(y / 4 * mapWidth) + (x / 4)];
                if (id < classes.Count)
                {
                    ClassEntry colour = classes.Classes[id];
                    int at = ((y * width) + x) * channels;
                    (byte first, byte third) = channels == 4 ? (colour.Blue, colour.Red) : (colour.Red, colour.Blue);
                    picture[at] = (byte)(((picture[at] * (256 - share)) + (first * share) + 128) >> 8);
                    picture[at + 1] = (byte)(((picture[at + 1] * (256 - share)) + (colour.Green * share) + 128) >> 8);
                    picture[at + 2] = (byte)(((picture[at + 2] * (256 - share)) + (third * share) + 128) >> 8);
                }
            }
        }
    }
}
