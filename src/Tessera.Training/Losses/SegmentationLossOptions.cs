using System.Collections.Immutable;
using System.Globalization;
using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>Settings of a loss: a sum over the network's outputs, each with a weight.</summary>
public abstract record SegmentationLossOptions
{
    /// <summary>The weight of each output, in the order of the outputs; empty for <see cref="WeightOf"/> its stride.</summary>
    public ImmutableArray<double> Weights { get; init; } = [];

    /// <summary>The weight of an output when nothing else is said: HAT's example's, 1024 / 19 / stride.</summary>
    public static double WeightOf(int stride) => 1024.0 / stride / 19;

    /// <summary>Makes the loss for a network's outputs.</summary>
    /// <exception cref="UsageException">A setting is out of its range, or does not fit the outputs.</exception>
    public abstract ISegmentationLoss Create(LogitsOutputs outputs);

    /// <summary>Reads <c>weight</c>, which every loss has, and what HAT's configurations say beside it.</summary>
    /// <param name="keys">The loss's map.</param>
    /// <param name="outputs">The network's outputs; null where the network is not known.</param>
    protected static ImmutableArray<double> ReadWeights(IKeyReader keys, LogitsOutputs? outputs)
    {
        int problems = keys.ProblemCount;
        ImmutableArray<int> strides = outputs?.Strides ?? [];
        keys.Idle("loss_name"); // a name for the log, which has one loss
        keys.Settled("reduction", "Tessera's losses are always means over pixels: docs/training.md.", "mean");
        if (outputs is null)
        {
            keys.Idle("num_classes");
        }
        else
        {
            keys.Settled("num_classes", "Tessera always takes it from the network.", string.Create(CultureInfo.InvariantCulture, $"{outputs.Classes}"));
        }

        ImmutableArray<double> weights = keys.Numbers("weight", [.. strides.Select(WeightOf)], null, 0, 1e6);
        if (outputs is null || keys.ProblemCount > problems)
        {
            return weights;
        }

        if (weights.Length != strides.Length)
        {
            keys.Report("weight", $"has {weights.Length} values and the network has {strides.Length} outputs, of stride {string.Join(", ", strides)}; give one weight for each, in this order.");
        }
        else if (weights.All(value => value == 0))
        {
            keys.Report("weight", $"is [{string.Join(", ", weights)}]; at least one weight must be above 0, or the loss is 0 and nothing is learned.");
        }

        return weights;
    }
}
