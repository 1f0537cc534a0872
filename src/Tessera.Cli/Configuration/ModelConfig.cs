using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.Recipes;
using Tessera.Training;

namespace Tessera.Cli.Configuration;

/// <summary>The <c>model</c> section: which network, and the loss that trains it.</summary>
/// <param name="Network">The network's options.</param>
/// <param name="Loss">The loss of its outputs.</param>
public sealed record ModelConfig(SegmentationModel Network, SegmentationLossOptions Loss)
{
    /// <summary>What the network gives to the loss; null where something is wrong with it.</summary>
    internal LogitsOutputs? Outputs { get; private init; }

    /// <summary>Reads the section, and checks what the network asks of other keys.</summary>
    /// <param name="config">The whole configuration.</param>
    /// <param name="size">Its input_size.</param>
    /// <param name="classes">Its class table.</param>
    /// <param name="models">The networks that it can name.</param>
    internal static ModelConfig Read(ConfigSection config, ImmutableArray<int> size, ClassTable classes, RecipeTable<SegmentationModel> models)
    {
        ConfigSection section = config.Section("model");
        int problems = section.ProblemCount;
        SegmentationModel network = section.Typed(models, "Segmentor");
        LogitsOutputs? outputs = section.ProblemCount == problems ? ReadOutputs(config, section, network, size, classes) : null; // what was put in for wrong values says nothing
        return new ModelConfig(network, section.Section("losses").Typed(SegmentationLosses.Table(outputs), "SoftmaxFocalLoss")) { Outputs = outputs };
    }

    private static LogitsOutputs? ReadOutputs(ConfigSection config, ConfigSection section, SegmentationModel network, ImmutableArray<int> size, ClassTable classes)
    {
        int problems = section.ProblemCount;
        foreach (OptionFault fault in network.Faults())
        {
            section.Report(fault.Key, fault.Text);
        }

        if (section.ProblemCount > problems)
        {
            return null;
        }

        if (network.NumClasses != classes.Count)
        {
            section.Report(network.NumClassesKey, $"is {network.NumClasses}; the class table 'classes' has {classes.Count}.");
        }

        if (size.All(length => length > 0) && network.TryTrainingGraph(new TensorShape(1, 3, size[0], size[1])) is { } graph)
        {
            return LogitsOutputs.Of(graph);
        }

        SizeRule sizes = network.Sizes;
        if (size.All(length => length > 0)) // what is not is reported already
        {
            config.Report("input_size", $"is [{string.Join(", ", size)}]; height and width must be {sizes.Text} for this network. The nearest size is [{string.Join(", ", size.Select(sizes.Nearest))}].");
        }

        return LogitsOutputs.Of(network.TrainingGraph(new TensorShape(1, 3, sizes.Nearest(size[0]), sizes.Nearest(size[1]))));
    }
}
