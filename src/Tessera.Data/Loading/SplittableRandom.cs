namespace Tessera.Data;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a small generator whose streams are addressed by numbers instead of by history.
/// The same seed and path give the same stream on every machine and .NET version, whichever thread asks first.
/// </summary>
public sealed class SplittableRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    private SplittableRandom(ulong state) => _state = state;

    /// <summary>The stream for a seed and a path, for example (epoch, sample, step).</summary>
    /// <remarks>The start is <c>k = mix(seed + G)</c>, then <c>k = mix(k ^ (p + G))</c> for each number p of the path, G the golden gamma.</remarks>
    public static SplittableRandom For(ulong seed, params ReadOnlySpan<long> path)
    {
        ulong key = Mix(seed + Golden);
        foreach (long part in path)
        {
            key = Mix(key ^ ((ulong)part + Golden));
        }

        return new SplittableRandom(key);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => Mix(_state += Golden);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [min, max), or min where the range is empty.</summary>
    public double NextDouble(double min, double max) => min + ((max - min) * NextDouble());

    /// <summary>A whole number in [0, <paramref name="bound"/>), every one equally likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);

        // The high half of a 64×32-bit product; draws in the uneven rest are thrown away (Lemire, 2019).
        ulong range = (ulong)bound, reject = (0UL - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
            if (low >= reject)
            {
                return (int)high;
            }
        }
    }

    /// <summary>SplitMix64's mixing of 64 bits: a bijection whose output bits all depend on all input bits.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
