using System.Globalization;

namespace Tessera.Core;

/// <summary>The shape of a four-dimensional tensor: batch, channels, height, width.</summary>
/// <param name="N">Batch size, at least 1.</param>
/// <param name="C">Channels, at least 1.</param>
/// <param name="H">Height in pixels, at least 1.</param>
/// <param name="W">Width in pixels, at least 1.</param>
public readonly record struct TensorShape(int N, int C, int H, int W)
{
    /// <summary>Number of elements.</summary>
    public long Count => (long)N * C * H * W;

    /// <summary>Number of pixels of one image.</summary>
    public long Pixels => (long)H * W;

    /// <summary>Writes the shape as <c>1x3x384x1280</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{N}x{C}x{H}x{W}");

    /// <summary>Reads what <see cref="ToString"/> writes; false when the text is anything else.</summary>
    public static bool TryParse(string text, out TensorShape shape)
    {
        shape = default;
        string[] parts = text.Split('x');
        Span<int> sizes = stackalloc int[4];
        if (parts.Length != 4)
        {
            return false;
        }

        for (int i = 0; i < 4; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i]) || sizes[i] < 1)
            {
                return false;
            }
        }

        shape = new TensorShape(sizes[0], sizes[1], sizes[2], sizes[3]);
        return true;
    }
}
