using Tessera.Graphs;
using Tessera.Programs;

namespace Tessera.Cli.Comparison;

/// <summary>The constants of all convolutions of a form.</summary>
internal static class FormConstants
{
    /// <summary>Those of an integer program.</summary>
    public static Dictionary<string, ConvConstants> Of(IntegerProgram program) => program.Instructions.OfType<ConvInstruction>().ToDictionary(
        conv => program.Tensors[conv.Output].Name,
        conv => new ConvConstants([.. conv.Weights.Select(weight => (float)weight)], [.. conv.Bias.Select(bias => (double)bias)], [.. conv.Multipliers], conv.ResidualMultiplier));

    /// <summary>Those of a float network.</summary>
    public static Dictionary<string, ConvConstants> Of(Network network) => network.Graph.Nodes.Where(node => node.Op is Conv2d).ToDictionary(
        node => node.Name,
        node => new ConvConstants(network.Parameters[Conv2d.WeightName(node.Name)], [.. network.Parameters[Conv2d.BiasName(node.Name)].Select(bias => (double)bias)], [], 1));
}
