using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// The labels of the coarse outputs (HAT's Scale): a coarse pixel keeps its class where its four centre source pixels agree, else it
/// is ignored. That is what bilinear interpolation of the one-hot label by 1/stride, cut to integers, gives; an odd stride has one centre pixel.
/// </summary>
public static class LabelShrink
{
    /// <summary>Shrinks a label by a stride that divides its size.</summary>
    /// <param name="label">height·width class indices, 255 = ignored.</param>
    /// <param name="height">Rows of the label.</param>
    /// <param name="width">Columns of the label.</param>
    /// <param name="stride">At least 1; 1 copies.</param>
    /// <param name="coarse">Receives (height/stride)·(width/stride) class indices.</param>
    /// <exception cref="ArgumentException">A length does not match, or the stride does not divide the size.</exception>
    public static void Apply(ReadOnlySpan<byte> label, int height, int width, int stride, Span<byte> coarse)
    {
        if (stride < 1 || height % stride != 0 || width % stride != 0)
        {
            throw new ArgumentException($"The stride must divide the size; stride {stride}, size {height}x{width}.", nameof(stride));
        }

        BufferSize.Check(label, height, width, 1);
        BufferSize.Check(coarse, height / stride, width / stride, 1);
        int coarseWidth = width / stride, centre = (stride - 1) / 2, next = (stride / 2) - centre;
        for (int i = 0, to = 0; i < height / stride; i++)
        {
            ReadOnlySpan<byte> upper = label.Slice(((i * stride) + centre) * width, width);
            ReadOnlySpan<byte> lower = label.Slice(((i * stride) + centre + next) * width, width);
            for (int j = 0, x = centre; j < coarseWidth; j++, x += stride, to++)
            {
                byte value = upper[x];
                coarse[to] = value == upper[x + next] && value == lower[x] && value == lower[x + next] ? value : ClassTable.Ignore;
            }
        }
    }
}
