namespace Tessera.Data;

/// <summary>
/// Tells labels that were resized or drawn with interpolation: at every edge they have pixels of a value between those on both sides, which is
/// another class or none. Edges of a label that only ever had class values jump from one to the other.
/// </summary>
internal static class LabelEdges
{
    /// <summary>A label above this share was interpolated: such labels have 0.3 to 1, drawn ones of real streets up to 0.03.</summary>
    public const double MostBlended = 0.25;

    private const int FewestEdges = 40;

    /// <summary>
    /// Of all places where the value leaves an area by two or more, so that a value lies between, the share at which one does: 0 to 1; 0 where there are few such places.
    /// </summary>
    public static double BlendedShare(LabelImage label)
    {
        long blended = 0, direct = 0;
        int width = label.Width, inner = Math.Max(0, width - 2);
        ReadOnlySpan<byte> values = label.Values;
        for (int y = 0; y < label.Height; y++)
        {
            ReadOnlySpan<byte> row = values.Slice(y * width, width);
            Count(row[..inner], row[(width - inner - 1)..], row[(width - inner)..], ref blended, ref direct);
            if (y >= 2)
            {
                Count(values.Slice((y - 2) * width, width), values.Slice((y - 1) * width, width), row, ref blended, ref direct);
            }
        }

        return blended + direct >= FewestEdges ? blended / (double)(blended + direct) : 0;
    }

    private static void Count(ReadOnlySpan<byte> before, ReadOnlySpan<byte> here, ReadOnlySpan<byte> after, ref long blended, ref long direct)
    {
        for (int i = 0; i < before.Length; i++)
        {
            // Areas are equal to their neighbours, so that most pixels end here.
            int a = before[i], b = here[i];
            if (a == b)
            {
                continue;
            }

            int c = after[i];
            if ((a < b && b < c) || (a > b && b > c))
            {
                blended++;
            }
            else if (Math.Abs(a - b) > 1)
            {
                direct++;
            }
        }
    }
}
