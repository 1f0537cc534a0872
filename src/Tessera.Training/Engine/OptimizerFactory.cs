using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Settings of the optimizer; the defaults are HAT's for Cityscapes.</summary>
public sealed record SgdOptions
{
    /// <summary>Learning rate at the start, above 0.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Momentum, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty of the decayed parameters.</summary>
    public double WeightDecay { get; init; } = 5e-3;
}

/// <summary>Makes optimizers for a network.</summary>
public static class OptimizerFactory
{
    /// <summary>
    /// Stochastic gradient descent with HAT's grouping: parameters whose name contains "weight" decay (convolution weights and batch-norm
    /// scales), the others (biases and shifts) do not.
    /// </summary>
    /// <param name="module">The network whose parameters are trained.</param>
    /// <param name="options">Settings.</param>
    /// <returns>An optimizer with two groups, weights first, that the caller disposes.</returns>
    public static SGD Sgd(GraphModule module, SgdOptions options)
    {
        ILookup<bool, TorchSharp.Modules.Parameter> groups =
            module.TrainedParameters.ToLookup(item => item.Name.Contains("weight", StringComparison.Ordinal), item => item.Tensor);
        return optim.SGD(
            [Group(groups[true], options.WeightDecay), Group(groups[false], 0)], options.LearningRate, options.Momentum);
    }

    private static SGD.ParamGroup Group(IEnumerable<TorchSharp.Modules.Parameter> parameters, double weightDecay) =>
        new([.. parameters], new SGD.Options { weight_decay = weightDecay });
}
