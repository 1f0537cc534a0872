using System.CommandLine;
using System.Globalization;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera calops</c>: parameters and multiply-adds, HAT's two lines and a table.</summary>
internal static class CalopsCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        Option<string?> shape = InputShapeOption.Create("Count");
        return new ExplainedCommand("calops", "Count parameters and multiply-adds of the float and the quantized network.", config.Path, config.Set, config.Opts, shape)
        {
            Examples =
            [
                "tessera calops -c configs/segmentation/unet_mobilenetv1_cityscapes.yaml",
                "tessera calops -c configs/segmentation/unet_mobilenetv1_cityscapes.yaml --input-shape 1,3,512,1024",
            ],
            Notes = "FLOPs counts one for each multiply-add of the deployed network's convolutions, as HAT does; Params counts every trained parameter.",
            Run = parsed => Print(context, config.Load(parsed), InputShapeOption.Read(parsed.GetValue(shape))),
        };
    }

    private static void Print(CommandContext context, TesseraConfig config, TensorShape? shape)
    {
        TensorShape input = shape ?? new TensorShape(1, 3, config.InputHeight, config.InputWidth);
        Graph training = config.Model.Network.TrainingGraph(input);
        Graph deploy = DeployGraph.Of(training);
        OperationCounts whole = OperationCounts.Of(training);
        OperationCounts deployed = OperationCounts.Of(deploy);
        context.Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Params: {whole.Parameters / 1e6:F6} M"));
        context.Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FLOPs: {deployed.Macs / 1e9:F6} G"));
        context.Console.Out.WriteLine();

        TextTable table = context.Console.NewTable();
        table.AddColumn("graph");
        table.AddNumberColumns("multiply-adds", "parameters");
        Row("float, training (every output)", whole);
        Row("float, deployed (finest output)", deployed);
        Row("int8, training (batch norm folded)", OperationCounts.Of(QuantizationPreparation.PrepareGraph(training)));
        Row("int8, deployed", OperationCounts.Of(QuantizationPreparation.PrepareGraph(deploy)));
        context.Console.WriteTable($"{training.Name} at {input}", table);

        void Row(string name, OperationCounts counts) => table.AddRow(
            name,
            string.Create(CultureInfo.InvariantCulture, $"{counts.Macs / 1e9:F6} G"),
            counts.Parameters.ToString("N0", CultureInfo.InvariantCulture));
    }
}
