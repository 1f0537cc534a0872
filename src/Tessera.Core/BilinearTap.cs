namespace Tessera.Core;

/// <summary>
/// Where one row or column of a bilinear upsampling by a power of two comes from, half-pixel centres, edges repeated: the source position that it lies in,
/// the neighbour on its other side, and how much of that counts. The weights are exact: whole numbers of <see cref="Whole"/>.
/// </summary>
/// <param name="Near">The source position that it lies in.</param>
/// <param name="Far">The neighbour; at an edge <paramref name="Near"/> again.</param>
/// <param name="FarWeight">The neighbour's weight, 0 to <paramref name="Whole"/> / 2.</param>
/// <param name="Whole">Both weights together: twice the factor.</param>
public readonly record struct BilinearTap(int Near, int Far, int FarWeight, int Whole)
{
    /// <summary>The largest factor: two axes of it keep every sum below 2^22, and so exact in float32.</summary>
    public const int MaxFactor = 64;

    /// <summary>The weight of the position that it lies in.</summary>
    public int NearWeight => Whole - FarWeight;

    /// <summary>Whether it is a factor that upsampling has: a power of two up to <see cref="MaxFactor"/>; 1 leaves an axis as it is.</summary>
    public static bool IsFactor(int factor) => factor is >= 1 and <= MaxFactor && int.IsPow2(factor);

    /// <summary>The tap of an output position.</summary>
    /// <param name="position">Row or column of the output.</param>
    /// <param name="factor">The factor along this axis.</param>
    /// <param name="size">Rows or columns of the source.</param>
    public static BilinearTap Of(int position, int factor, int size)
    {
        // In units of half an output pixel the position lies this far behind the centre of its source pixel.
        int near = position / factor, behind = (2 * (position % factor)) + 1 - factor;
        return new BilinearTap(near, Math.Clamp(near + Math.Sign(behind), 0, size - 1), Math.Abs(behind), 2 * factor);
    }
}
