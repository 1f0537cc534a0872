using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>How much each parameter decays. HAT's grouping: the first group whose text is a part of the parameter's name decides.</summary>
public sealed record WeightDecay
{
    private const string Weights = "weight", GroupsKey = "params", DecayKey = "weight_decay";

    /// <summary>Parts of names, each with the decay of the parameters that have it, at least 0.</summary>
    public ImmutableArray<(string NamePart, double Decay)> Groups { get; init; } = [];

    /// <summary>The decay of parameters that no group names, at least 0.</summary>
    public double Others { get; init; }

    /// <summary>Convolution weights and batch-norm scales decay, biases and shifts do not.</summary>
    public static WeightDecay OfWeights(double decay) => new() { Groups = [(Weights, decay)] };

    /// <summary>
    /// Reads <c>params</c> (groups by a part of the name, as in HAT: <c>{weight: {weight_decay: 0.005}}</c>) and <c>weight_decay</c>. Where there are groups that is the
    /// decay of the others, else that of the weights.
    /// </summary>
    /// <param name="keys">The optimizer's map.</param>
    /// <param name="fallback">The weights' decay when nothing is said.</param>
    public static WeightDecay Read(IKeyReader keys, double fallback)
    {
        if (!keys.Has(GroupsKey))
        {
            return OfWeights(keys.Number(DecayKey, fallback, 0, 1));
        }

        IKeyReader groups = keys.Section(GroupsKey);
        return new WeightDecay
        {
            Groups = [.. groups.GivenKeys.Select(part => (part, groups.Section(part).Number(DecayKey, 0, 0, 1)))],
            Others = keys.Number(DecayKey, 0, 0, 1),
        };
    }

    /// <summary>Passes when each group has a parameter.</summary>
    /// <param name="parameters">The names of all parameters.</param>
    /// <exception cref="UsageException">A group's text is a part of no name.</exception>
    public void Require(IReadOnlyCollection<string> parameters)
    {
        if (Groups.Select(group => group.NamePart).FirstOrDefault(part => !parameters.Any(name => name.Contains(part, StringComparison.Ordinal))) is { } idle)
        {
            throw new UsageException($"optimizer.{GroupsKey}.{idle}: no parameter's name contains \"{idle}\". Names are like {parameters.First()}; correct it, or remove it.");
        }
    }

    /// <summary>The decay of a parameter.</summary>
    public double Of(string parameter)
    {
        foreach ((string part, double decay) in Groups)
        {
            if (parameter.Contains(part, StringComparison.Ordinal))
            {
                return decay;
            }
        }

        return Others;
    }

    /// <summary>Whether the other has the same groups in the same order.</summary>
    public bool Equals(WeightDecay? other) => other is not null && Others.Equals(other.Others) && Groups.SequenceEqual(other.Groups);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Others, Groups.Length);
}
