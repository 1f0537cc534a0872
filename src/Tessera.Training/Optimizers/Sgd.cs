using System.Globalization;
using System.Numerics;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>Settings of <see cref="Sgd"/>; the defaults are HAT's for Cityscapes.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>Momentum m, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Whether the gradient is looked up ahead of the momentum (Nesterov), as PyTorch has it.</summary>
    public bool Nesterov { get; init; }

    /// <summary>The L2 penalty d of each parameter.</summary>
    public WeightDecay Decay { get; init; } = WeightDecay.OfWeights(5e-3);

    /// <summary>Reads the optimizer's keys.</summary>
    public static SgdOptions Read(IKeyReader keys)
    {
        int problems = keys.ProblemCount;
        double momentum = keys.Number("momentum", 0.9, 0, 0.9999);
        bool nesterov = keys.Flag("nesterov", false);
        if (nesterov && momentum == 0 && keys.ProblemCount == problems)
        {
            keys.Report("nesterov", "is true and momentum is 0: there is nothing to look ahead of. Set a momentum, or nesterov to false.");
        }

        return new SgdOptions { Momentum = momentum, Nesterov = nesterov, Decay = WeightDecay.Read(keys, 5e-3) };
    }

    /// <inheritdoc/>
    public override IOptimizer Create(GraphModule module) => new Sgd(module, this);
}

/// <summary>
/// Stochastic gradient descent with momentum, PyTorch's formula: <c>u ← g + d·w</c>, <c>v ← m·v + u</c>, <c>w ← w − rate·v</c>, and with Nesterov's momentum
/// <c>w ← w − rate·(u + m·v)</c>, in float32. <see cref="WeightDecay"/> says which parameters decay: by default, as in HAT's example, those whose name contains "weight"
/// (convolution weights and batch-norm scales), and not the others (biases and shifts).
/// </summary>
public sealed class Sgd : ElementwiseOptimizer
{
    private readonly SgdOptions _options;

    /// <summary>Creates the optimizer of a network; the network stays the caller's.</summary>
    /// <param name="module">The network whose parameters are trained.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="Core.UsageException">A group of the decay names no parameter.</exception>
    public Sgd(GraphModule module, SgdOptions options)
        : base(module, options.Decay, "momentum") => _options = options;

    private protected override string Settings => string.Create(CultureInfo.InvariantCulture, $"momentum {_options.Momentum:G4}");

    private protected override bool Update(Span<float> weight, ReadOnlySpan<float> gradient, float[][] memory, double decay, double rate, bool write)
    {
        Span<float> momentum = memory[0];
        (float r, float m, float d) = ((float)rate, (float)_options.Momentum, (float)decay);
        var odd = Vector<float>.Zero; // x − x is 0 for every finite x, else NaN, which stays
        int i = 0;
        for (; i <= weight.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var w = new Vector<float>(weight[i..]);
            Vector<float> u = new Vector<float>(gradient[i..]) + (w * d), v = (new Vector<float>(momentum[i..]) * m) + u;
            w -= (_options.Nesterov ? u + (v * m) : v) * r;
            odd += w - w;
            if (write)
            {
                v.CopyTo(momentum[i..]);
                w.CopyTo(weight[i..]);
            }
        }

        float last = Vector.Sum(odd);
        for (; i < weight.Length; i++)
        {
            float w = weight[i], u = gradient[i] + (w * d), v = (momentum[i] * m) + u;
            w -= (_options.Nesterov ? u + (v * m) : v) * r;
            last += w - w;
            if (write)
            {
                momentum[i] = v;
                weight[i] = w;
            }
        }

        return last == 0;
    }
}
