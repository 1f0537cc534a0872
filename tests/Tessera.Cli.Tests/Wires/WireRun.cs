using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Graphs;
using Tessera.Training;

namespace Tessera.Cli.Tests.Wires;

/// <summary>Generated streets and a network of one channel, trained through every stage; each stage can be trained again with other settings.</summary>
public sealed class WireRun : IDisposable
{
    private const string Base = "unet_mobilenetv1_cityscapes.yaml";

    private readonly string _root = Directory.CreateTempSubdirectory("tessera-wires-").FullName;
    private readonly CommandContext _context = new(new CommandConsole(TextWriter.Null, TextWriter.Null), CancellationToken.None);
    private readonly string _folder;
    private int _runs;

    public WireRun()
    {
        // At this size a second thread costs more than it gains, and the last bits of a sum depend on the number of threads.
        TorchSetup.Initialize(new TorchOptions { Threads = 1 });
        string streets = Path.Combine(_root, "streets");
        TinyStreets.Write(streets, train: 4, val: 2);
        foreach (string split in new[] { "train", "val" })
        {
            Cli pack = Cli.Run("pack", "--src-data-dir", streets, "--target-data-dir", _root, "--split-name", split, "--pack-type", "lmdb");
            Assert.True(pack.ExitCode == 0, pack.Error);
        }

        _folder = Path.Combine(_root, "run");
        FloatWeights = Train(TrainingStage.Float, _folder);
        Calibrated = Calibrate(_folder);
        QatWeights = Train(TrainingStage.Qat, _folder);
    }

    /// <summary>A hash of what float training gives with the run's own settings.</summary>
    public string FloatWeights { get; }

    /// <summary>The scales that calibration gives with the run's own settings.</summary>
    internal Scales Calibrated { get; }

    /// <summary>A hash of what qat gives with the run's own settings.</summary>
    public string QatWeights { get; }

    /// <summary>Trains in float in a folder of its own.</summary>
    /// <returns>A hash of the last weights.</returns>
    public string Float(params string[] set) => Train(TrainingStage.Float, NewFolder(), set);

    /// <summary>Calibrates the run's float network with other settings.</summary>
    internal Scales Calibration(params string[] set) => Calibrate(NewFolder("float"), set);

    /// <summary>Trains the run's calibrated network with other settings.</summary>
    /// <returns>A hash of the last weights.</returns>
    public string Qat(params string[] set) => Train(TrainingStage.Qat, NewFolder("float", "calibration"), set);

    /// <summary>The run's configuration.</summary>
    internal TesseraConfig Config(params string[] set) => Load(_folder, set);

    /// <summary>Where commands of a test write.</summary>
    internal CommandContext Context => _context;

    /// <summary>Packs the validation images with other class names.</summary>
    /// <returns>The pack.</returns>
    internal string PackWithClasses(string classes)
    {
        string folder = NewFolder();
        Cli pack = Cli.Run("pack", "--src-data-dir", Path.Combine(_root, "streets"), "--target-data-dir", folder, "--split-name", "val", "--pack-type", "lmdb", "--labels", "ids", "--ids", "0..26=0..26", "--classes", classes);
        Assert.True(pack.ExitCode == 0, pack.Error);
        return Path.Combine(folder, "val_lmdb");
    }

    internal string NewFolder(params string[] stages)
    {
        string folder = Path.Combine(_root, $"run{++_runs}");
        Directory.CreateDirectory(folder);
        foreach (string stage in stages)
        {
            string file = $"{stage}-checkpoint-best.safetensors";
            File.Copy(Path.Combine(_folder, file), Path.Combine(folder, file));
        }

        return folder;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Train(TrainingStage stage, string folder, params string[] set)
    {
        TesseraConfig config = Load(folder, set);
        TrainingRun.Train(_context, config, stage, new StartOptions(), isShort: false, new Silent());
        return new CheckpointStore(folder, stage).ReadLast(config.TrainingGraph()).WeightsHash;
    }

    /// <summary>The options of a command on the run's folder, followed by other settings.</summary>
    internal string[] Options(params string[] set) => ["-c", Cli.Config(Base), .. Settings(_folder, set).SelectMany(setting => new[] { "--set", setting })];

    private Scales Calibrate(string folder, params string[] set)
    {
        TesseraConfig config = Load(folder, set);
        int images = TrainingRun.Calibrate(_context, config, allowChanges: false, isShort: false, new Silent()).Images;
        Network network = new CheckpointStore(folder, TrainingStage.Calibration).ReadBest(config.TrainingGraph()).Network;
        Node[] convolutions = [.. network.Graph.Nodes.Where(node => node.Op is Conv2d)];
        return new Scales(
            string.Join(" ", convolutions.Select(node => node.Output.Quant!.Scale)),
            string.Join(" ", convolutions.SelectMany(node => node.WeightQuant!.Scales.AsEnumerable())),
            string.Join(" ", convolutions.SelectMany(node => network.Parameters[Conv2d.WeightName(node.Name)])),
            string.Join(" ", convolutions.SelectMany(node => network.Parameters[Conv2d.BiasName(node.Name)])),
            images);
    }

    private TesseraConfig Load(string folder, string[] set) => TesseraConfig.Load(Cli.Config(Base), Settings(folder, set));

    private string[] Settings(string folder, string[] set) =>
    [
        "input_size=[64, 128]", $"ckpt_dir={folder}", "model.backbone.alpha=0.03125", "model.neck.base_channels=1", "data_loader.batch_size=2", "data_loader.num_workers=1", "val_data_loader.num_workers=1",
        $"data_loader.dataset.data_path={Path.Combine(_root, "train_lmdb")}", $"val_data_loader.dataset.data_path={Path.Combine(_root, "val_lmdb")}",
        "float_trainer.num_epochs=2", "float_trainer.lr_updater.lr_decay_id=[1]", "qat_trainer.num_epochs=2", "qat_trainer.lr_updater.lr_decay_id=[1]", "calibration_trainer.num_images=4",
        .. set,
    ];

    /// <summary>What calibration found.</summary>
    /// <param name="Activations">The scale of every convolution's output.</param>
    /// <param name="Weights">The scales of every convolution's weights.</param>
    /// <param name="Values">The weights themselves, real.</param>
    /// <param name="Biases">The biases, real.</param>
    /// <param name="Images">Images observed.</param>
    internal sealed record Scales(string Activations, string Weights, string Values, string Biases, int Images);

    private sealed class Silent : ITrainingCallback, ICalibrationCallback
    {
        public void ValidationAdvances(EvaluationProgress report)
        {
        }
    }
}
