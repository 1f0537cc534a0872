namespace Tessera.Cli.Tests;

/// <summary>Generated streets, packed, with a run through every stage, as short as it can be. Tests may read it and may not change it.</summary>
public sealed class TrainedRun : IDisposable
{
    public TrainedRun()
    {
        Root = Directory.CreateTempSubdirectory("tessera-run-").FullName;
        TinyStreets.Write(Streets, train: 2, val: 1);
        foreach (string split in new[] { "train", "val" })
        {
            Must("pack", "--src-data-dir", Streets, "--target-data-dir", Root, "--split-name", split, "--pack-type", "lmdb");
        }

        foreach (string stage in new[] { "float", "calibration", "qat" })
        {
            Must(["train", "--stage", stage, .. Config()]);
        }

        Must(["compile", .. Config()]);
    }

    public string Root { get; }

    public string Streets => Path.Combine(Root, "streets");

    public string RunFolder => Path.Combine(Root, "run");

    public string Artefact => Path.Combine(RunFolder, "compiled", "model.tsr");

    /// <summary>The options of the run's configuration, followed by others.</summary>
    public string[] Config(params string[] others) =>
    [
        "-c", Cli.Config("unet_mobilenetv1_kitti.yaml"),
        "--set", "input_size=[64, 128]",
        "--set", $"ckpt_dir={RunFolder}",
        "--set", $"data_loader.dataset.data_path={Path.Combine(Root, "train_lmdb")}",
        "--set", $"val_data_loader.dataset.data_path={Path.Combine(Root, "val_lmdb")}",
        "--set", "float_trainer.num_epochs=1",
        "--set", "qat_trainer.num_epochs=1",
        "--set", "calibration_trainer.num_images=2",
        .. others,
    ];

    public string Checkpoint(string stage) => Path.Combine(RunFolder, $"{stage}-checkpoint-best.safetensors");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static void Must(params string[] arguments)
    {
        Cli run = Cli.Run(arguments);
        Assert.True(run.ExitCode == 0, $"tessera {string.Join(' ', arguments)}: {run.Error}");
    }
}
