using Tessera.Cli.Configuration;
using Tessera.Graphs;

namespace Tessera.Cli.Tests.Wires;

/// <summary>The keys of the networks that the Cityscapes configuration does not name: they make another graph.</summary>
internal static class ModelWires
{
    public static IReadOnlyList<KeyWire> FastScnn { get; } =
    [
        Wire("num_classes", "2", config => config.TrainingGraph().ValueOf("classifier.2").Shape.C, 19, 2, "classes=CLASSES"),
        Wire("pyramid_grids", "[2, 4]", config => string.Join(" ", config.TrainingGraph().Nodes.Where(node => node.Op is AvgPool2d).Select(node => node.Output.Shape.H)), "1 2 4 8", "2 4"),
        Wire("dw_with_relu", "false", config => config.TrainingGraph().Nodes.Count(node => node.Op is Relu), 38, 32),
        Wire("auxiliary", "false", config => string.Join(" ", config.TrainingGraph().Outputs.Select(output => output.Name)), "logits detail context", "logits"),
    ];

    private static KeyWire Wire(string key, string value, Func<TesseraConfig, object?> read, object before, object after, params string[] more) =>
        new($"model.{key}", [$"model={{type: FastScnn, {key}: {value}}}", .. more], read, before, after) { Before = ["model={type: FastScnn}"] };
}
