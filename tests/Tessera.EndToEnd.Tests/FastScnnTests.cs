using Tessera.Cli.Tests;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.EndToEnd.Tests;

/// <summary>Fast-SCNN in all its forms: with random numbers in every element of every layer, and trained through the command line.</summary>
public sealed class FastScnnTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tessera-scnn-").FullName;

    public FastScnnTests() => TorchSetup.Initialize(new() { Threads = 1 });

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Every_integer_form_gives_the_same_numbers_though_many_layers_read_signed_values(int seed, bool dwWithRelu)
    {
        Network training = Training(seed, dwWithRelu);
        IntegerProgram program = IntegerForms.AssertAllEqual(training with { Graph = DeployGraph.Of(training.Graph) }, seed);
        Dictionary<string, ConvInstruction> convs = program.Instructions.OfType<ConvInstruction>().ToDictionary(conv => conv.Name);

        // The ends of the bottlenecks are linear, their sums too; the layers behind read both.
        Assert.Equal([.. Enumerable.Range(0, 9).Select(i => i is not (0 or 3 or 6))], Enumerable.Range(0, 9).Select(i => convs[$"context.{i}.2.0"].Residual is not null));
        Assert.All(Enumerable.Range(0, 9), i => Assert.Equal(-128, convs[$"context.{i}.2.0"].Low));
        Assert.Equal(dwWithRelu ? 0 : -128, convs["downsample.1.0.0"].Low);
        Assert.True(convs["fusion.context.1.0"].Residual is not null ^ convs["fusion.detail.0"].Residual is not null);
    }

    [Fact]
    public void Float_network_and_float_onnx_compute_the_function_of_plain_loops()
    {
        Network training = Training(3, dwWithRelu: true);
        FloatForms.AssertAllNear(training, 3);
    }

    [Fact]
    public void It_is_trained_quantized_compiled_and_aligned()
    {
        string streets = Path.Combine(_root, "streets");
        TinyStreets.Write(streets);
        foreach (string split in new[] { "train", "val" })
        {
            Run("pack", "--src-data-dir", streets, "--target-data-dir", _root, "--split-name", split, "--pack-type", "lmdb");
        }

        string[] config =
        [
            "-c", Cli.Tests.Cli.Config("fast_scnn_cityscapes.yaml"), "--set", "input_size=[64, 128]", "--set", "model.pyramid_grids=[1, 2]", "--set", $"ckpt_dir={Path.Combine(_root, "run")}",
            "--set", $"data_loader.dataset.data_path={Path.Combine(_root, "train_lmdb")}", "--set", $"val_data_loader.dataset.data_path={Path.Combine(_root, "val_lmdb")}",
            "--set", "data_loader.batch_size=2", "--set", "float_trainer.num_epochs=1", "--set", "float_trainer.lr_updater.warmup_steps=0", "--set", "qat_trainer.num_epochs=1", "--set", "calibration_trainer.num_images=4",
        ];
        foreach (string stage in new[] { "float", "calibration", "qat" })
        {
            Run(["train", "--stage", stage, .. config]);
        }

        string[] scores = [.. new[] { "qat", "int_infer" }.Select(stage => Run(["predict", "--stage", stage, .. config]).Split('\n').Single(line => line.StartsWith("mIoU ", StringComparison.Ordinal)))];
        Assert.Equal(scores[0], scores[1]);
        Run(["compile", .. config]);
        Assert.Contains("int_infer, compiled, qat (libtorch), integer ONNX (ONNX Runtime): every element of", Run(["align", .. config]));
        Cli.Tests.Cli other = Cli.Tests.Cli.Run(["predict", "--stage", "qat", .. config, "--set", "input_size=[128, 128]"]);
        Assert.Equal(3, other.ExitCode);
        Assert.Contains("for a network whose windows follow it, its input_size", other.Error);
    }

    private static Network Training(int seed, bool dwWithRelu)
    {
        Graph graph = new FastScnn { Classes = 5, PyramidGrids = [1, 2], DwWithRelu = dwWithRelu }.TrainingGraph(new TensorShape(1, 3, 64, 128));
        return new Network(graph, ParameterSet.InitializeAsTrained(graph, (ulong)seed));
    }

    private static string Run(params string[] arguments)
    {
        Cli.Tests.Cli run = Cli.Tests.Cli.Run(arguments);
        Assert.True(run.ExitCode == 0, $"tessera {string.Join(' ', arguments)}: {run.Error}");
        return run.Output;
    }
}
