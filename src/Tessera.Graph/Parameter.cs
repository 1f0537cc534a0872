using System.Collections.Immutable;

namespace Tessera.Graphs;

/// <summary>What a parameter is to its operation.</summary>
public enum ParameterRole
{
    /// <summary>Convolution weight.</summary>
    Weight,

    /// <summary>Convolution bias.</summary>
    Bias,

    /// <summary>Batch-norm scale.</summary>
    Gamma,

    /// <summary>Batch-norm shift.</summary>
    Beta,

    /// <summary>Batch-norm running mean; not trained by gradient.</summary>
    RunningMean,

    /// <summary>Batch-norm running variance; not trained by gradient.</summary>
    RunningVariance,
}

/// <summary>A named tensor that a node owns.</summary>
/// <param name="Name">Stable path, the key in checkpoints (for example <c>backbone.mod1.0.0.weight</c>).</param>
/// <param name="Role">Its meaning.</param>
/// <param name="Shape">Its dimensions.</param>
public sealed record Parameter(string Name, ParameterRole Role, ImmutableArray<int> Shape)
{
    /// <summary>How its values start; zeros unless its operation says otherwise.</summary>
    public StartingValues Start { get; init; }

    /// <summary>Number of elements.</summary>
    public int Count => Shape.Aggregate(1, (product, size) => checked(product * size));

    /// <summary>True when the optimizer trains it; false for running statistics.</summary>
    public bool IsTrained => Role is not (ParameterRole.RunningMean or ParameterRole.RunningVariance);
}
