using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>Settings of <see cref="AdamW"/>; the defaults are PyTorch's.</summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>How much of the mean gradient is kept in a step, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the mean squared gradient is kept in a step, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the mean square, above 0.</summary>
    public double Eps { get; init; } = 1e-8;

    /// <summary>The share of each parameter that a step at rate 1 takes away.</summary>
    public WeightDecay Decay { get; init; } = WeightDecay.OfWeights(1e-2);

    /// <summary>Reads the optimizer's keys.</summary>
    public static AdamWOptions Read(IKeyReader keys)
    {
        ImmutableArray<double> betas = keys.Numbers("betas", [0.9, 0.999], 2, 0, 0.999999);
        return new AdamWOptions { Beta1 = betas[0], Beta2 = betas[1], Eps = keys.Number("eps", 1e-8, 1e-12, 1), Decay = WeightDecay.Read(keys, 1e-2) };
    }

    /// <inheritdoc/>
    public override IOptimizer Create(GraphModule module) => new AdamW(module, this);
}

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019), PyTorch's formula: <c>w ← w·(1 − rate·d)</c>, <c>m ← m + (g − m)(1 − β₁)</c>, <c>v ← β₂·v + (1 − β₂)·g²</c>,
/// <c>w ← w − rate/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)</c> in float32, t the number of the step from 1.
/// </summary>
public sealed class AdamW : ElementwiseOptimizer
{
    private readonly AdamWOptions _options;

    /// <summary>Creates the optimizer of a network; the network stays the caller's.</summary>
    /// <param name="module">The network whose parameters are trained.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="Core.UsageException">A group of the decay names no parameter.</exception>
    public AdamW(GraphModule module, AdamWOptions options)
        : base(module, options.Decay, "mean", "square") => _options = options;

    private protected override string Settings => string.Create(CultureInfo.InvariantCulture, $"betas {_options.Beta1:G4} and {_options.Beta2:G4}");

    private protected override bool Update(Span<float> weight, ReadOnlySpan<float> gradient, float[][] memory, double decay, double rate, bool write)
    {
        double meanShare = 1 - Math.Pow(_options.Beta1, Steps + 1), squareShare = 1 - Math.Pow(_options.Beta2, Steps + 1);
        (float kept, float toMean, float beta2, float toSquare) = ((float)(1 - (rate * decay)), (float)(1 - _options.Beta1), (float)_options.Beta2, (float)(1 - _options.Beta2));
        (float size, float root, float eps) = ((float)(rate / meanShare), (float)Math.Sqrt(squareShare), (float)_options.Eps);
        int width = Vector<float>.Count;
        Span<float> w = stackalloc float[width], g = stackalloc float[width], m = stackalloc float[width], v = stackalloc float[width];
        var odd = Vector<float>.Zero; // x − x is 0 for every finite x, else NaN, which stays
        for (int i = 0; i < weight.Length; i += width)
        {
            int count = Math.Min(width, weight.Length - i); // the last elements of a parameter may fill less than a vector; zeros do no harm beside them
            g.Clear();
            weight.Slice(i, count).CopyTo(w);
            gradient.Slice(i, count).CopyTo(g);
            memory[0].AsSpan(i, count).CopyTo(m);
            memory[1].AsSpan(i, count).CopyTo(v);
            Vector<float> gradients = new(g), means = new(m), squares = (new Vector<float>(v) * beta2) + (gradients * gradients * toSquare);
            means += (gradients - means) * toMean;
            Vector<float> values = (new Vector<float>(w) * kept) - (means / ((Vector.SquareRoot(squares) / root) + new Vector<float>(eps)) * size);
            odd += (values - values) + (squares - squares);
            if (write)
            {
                values.CopyTo(w);
                means.CopyTo(m);
                squares.CopyTo(v);
                w[..count].CopyTo(weight[i..]);
                m[..count].CopyTo(memory[0].AsSpan(i));
                v[..count].CopyTo(memory[1].AsSpan(i));
            }
        }

        return Vector.Sum(odd) == 0;
    }
}
