namespace Tessera.Graphs;

/// <summary>Draws the starting values of parameters from SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), the same on every machine.</summary>
internal sealed class InitialValues(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The starting values of one parameter.</summary>
    public float[] Draw(Parameter parameter)
    {
        var values = new float[parameter.Count];
        double scale = parameter.Start.Value;
        Fill(values, parameter.Start.Kind switch
        {
            StartingValues.Distribution.Constant => () => scale,
            StartingValues.Distribution.Normal => () => scale * Normal(),
            StartingValues.Distribution.Uniform => () => ((2 * Uniform()) - 1) * scale,
            _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter.Start.Kind, "Not a distribution."),
        });
        return values;
    }

    private static void Fill(float[] values, Func<double> draw)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)draw();
        }
    }

    /// <summary>Uniform in [0, 1) with 53 random bits.</summary>
    private double Uniform()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (z >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Standard normal by Box and Muller.</summary>
    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());
}
