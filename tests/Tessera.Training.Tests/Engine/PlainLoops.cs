using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Training.Tests.Engine;

/// <summary>Which input elements an output element reads, in planes C×H×W; the evaluators bring the arithmetic.</summary>
internal static class PlainLoops
{
    /// <summary>Visits each output element with its channel and the pairs (input element, weight element).</summary>
    public static void Convolve(Conv2d conv, TensorShape from, TensorShape to, Action<int, int, List<(int At, int Tap)>> visit)
    {
        int inGroup = conv.InChannels / conv.Geometry.Groups, outGroup = conv.OutChannels / conv.Geometry.Groups, area = conv.Geometry.Area;
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        var inputs = new List<(int At, int Tap)>(conv.FanIn);
        for (int o = 0; o < to.C; o++)
        {
            for (int pixel = 0; pixel < to.Pixels; pixel++)
            {
                int top = (pixel / to.W * rows.Stride) - rows.Padding, left = (pixel % to.W * columns.Stride) - columns.Padding;
                inputs.Clear();
                for (int i = 0; i < conv.FanIn; i++)
                {
                    int c = (o / outGroup * inGroup) + (i / area), y = top + (i / columns.Kernel % rows.Kernel * rows.Dilation), x = left + (i % columns.Kernel * columns.Dilation);
                    if (y >= 0 && y < from.H && x >= 0 && x < from.W)
                    {
                        inputs.Add(((((c * from.H) + y) * from.W) + x, (o * conv.FanIn) + i));
                    }
                }

                visit((int)((o * to.Pixels) + pixel), o, inputs);
            }
        }
    }

    /// <summary>Visits each output element of a ×2 upsample with its nearest, two side and diagonal source elements.</summary>
    public static void Upsample(TensorShape from, Action<int, int, int, int, int> visit)
    {
        for (int c = 0; c < from.C; c++)
        {
            for (int y = 0; y < 2 * from.H; y++)
            {
                for (int x = 0; x < 2 * from.W; x++)
                {
                    int nearY = y / 2, nearX = x / 2;
                    int farY = Math.Clamp(nearY + ((y & 1) == 0 ? -1 : 1), 0, from.H - 1), farX = Math.Clamp(nearX + ((x & 1) == 0 ? -1 : 1), 0, from.W - 1);
                    visit((((c * 2 * from.H) + y) * 2 * from.W) + x, At(nearY, nearX), At(nearY, farX), At(farY, nearX), At(farY, farX));

                    int At(int row, int column) => (((c * from.H) + row) * from.W) + column;
                }
            }
        }
    }
}
