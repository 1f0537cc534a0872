using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Training;

namespace Tessera.Cli.Tests.Models;

/// <summary>A model that is one file and one line of a table goes through every stage; its strides and sizes are read from its graph.</summary>
public sealed class SecondModelTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tessera-second-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Strides_step_and_deployed_output_are_facts_of_the_graph()
    {
        TesseraConfig config = Load("input_size=[24, 36]");
        Assert.Equal(12, config.Model.Network.SizeStep);
        Graph training = config.TrainingGraph();
        Assert.Equal([12, 6], LogitsOutputs.Of(training).Strides.AsEnumerable());
        Assert.Equal([12, 6], LibraryOptions.TrainingLoader(config).LabelStrides);
        Assert.Equal([1024.0 / 12 / 19, 1024.0 / 6 / 19], config.Model.Loss.Weights.AsEnumerable());
        Graph deploy = DeployGraph.Of(training);
        Assert.Equal(new TensorShape(1, 1, 4, 6), deploy.ValueOf(DeployGraph.ArgMaxNode).Shape);
        Assert.DoesNotContain(deploy.Nodes, node => node.Name.StartsWith("context", StringComparison.Ordinal));
        Assert.Equal(NetworkFingerprint.Of(training), NetworkFingerprint.Of(Load("input_size=[48, 12]").TrainingGraph()));
        Assert.NotEqual(NetworkFingerprint.Of(training), NetworkFingerprint.Of(Load("input_size=[24, 36]", "model.width=16").TrainingGraph()));
    }

    [Theory]
    [InlineData("input_size=[64, 120]", "input_size is [64, 120]; height and width must be divisible by 12 for this network. The nearest size is [60, 120].")]
    [InlineData("model.groups=3", "model.groups is 3, which does not divide the width, 8. Set it to a divisor of width.")]
    [InlineData("model.num_classes=7", "model.num_classes is 7; the class table 'classes' has 19.")]
    [InlineData("model.losses.weight=[1, 2, 3]", "model.losses.weight has 3 values and the network has 2 outputs, of stride 12, 6; give one weight for each, in this order.")]
    [InlineData("model.backbone.alpha=0.5", "unknown key model.backbone. The keys here are type, num_classes, width, groups, losses.")]
    [InlineData("model.type=TinyNett", "model.type is TinyNett, which is no model. Did you mean TinyNet? Known: Segmentor, TinyNet.")]
    public void What_its_configuration_gets_wrong_is_one_clear_error(string set, string message)
    {
        string fault = Assert.Throws<UsageException>(() => Load("input_size=[48, 96]", set)).Message;
        Assert.Equal($"--set {set}: {message}", fault);
    }

    [Fact]
    public void It_goes_through_every_stage_and_every_runner_agrees()
    {
        string streets = Path.Combine(_root, "streets");
        TinyStreets.Write(streets, train: 2, val: 1);
        foreach (string split in new[] { "train", "val" })
        {
            Assert.Equal(0, Cli.Run("pack", "--src-data-dir", streets, "--target-data-dir", _root, "--split-name", split, "--pack-type", "lmdb").ExitCode);
        }

        TesseraConfig config = Load("input_size=[60, 132]");
        var context = new CommandContext(new CommandConsole(TextWriter.Null, TextWriter.Null), CancellationToken.None);
        TrainStep.Train(context, config, TrainingStage.Float, new StartOptions(), isShort: false);
        TrainStep.Calibrate(context, config, allowChanges: false, isShort: false);
        TrainStep.Train(context, config, TrainingStage.Qat, new StartOptions(), isShort: false);
        string artefact = CompileStep.Run(context, config, LibraryOptions.Compile(config), Path.Combine(_root, "compiled"), null).Artefact;
        AlignStep alignment = AlignStep.Run(context, config, EvalSize.Original, artefact, null, withQat: true, withOnnx: true);
        alignment.Judge();
        using Runtime.Segmenter segmenter = Runtime.Segmenter.Load(artefact);
        Assert.Equal((10, 22), (segmenter.ClassMap.Height, segmenter.ClassMap.Width));
    }

    private TesseraConfig Load(params string[] set) => TesseraConfig.Load(
        Cli.Config("unet_mobilenetv1_cityscapes.yaml"),
        [
            "model={type: TinyNet}", $"ckpt_dir={Path.Combine(_root, "run")}", "data_loader.batch_size=2", "data_loader.num_workers=1", "val_data_loader.num_workers=1",
            $"data_loader.dataset.data_path={Path.Combine(_root, "train_lmdb")}", $"val_data_loader.dataset.data_path={Path.Combine(_root, "val_lmdb")}",
            "float_trainer.num_epochs=1", "qat_trainer.num_epochs=1", "calibration_trainer.num_images=2", .. set,
        ],
        TinyNet.Table);
}
