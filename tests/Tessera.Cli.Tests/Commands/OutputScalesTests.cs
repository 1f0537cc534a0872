namespace Tessera.Cli.Tests.Commands;

/// <summary>A network whose finest output is not stride 4 goes through every command.</summary>
public sealed class OutputScalesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tessera-scales-").FullName;

    [Fact]
    public void A_network_without_stride_4_goes_through_the_whole_chain()
    {
        string streets = Path.Combine(_root, "streets");
        TinyStreets.Write(streets, train: 2, val: 1);
        foreach (string split in new[] { "train", "val" })
        {
            Run("pack", "--src-data-dir", streets, "--target-data-dir", _root, "--split-name", split, "--pack-type", "lmdb");
        }

        string[] config = Config();
        foreach (string stage in new[] { "float", "calibration", "qat" })
        {
            Run(["train", "--stage", stage, .. config]);
        }

        Run(["compile", .. config]);
        foreach (string stage in new[] { "float", "calibration", "qat", "int_infer" })
        {
            Run(["predict", "--stage", stage, .. config]);
        }

        string artefact = Path.Combine(_root, "run", "compiled", "model.tsr");
        Assert.Equal((8, 16), MapSize(artefact));
        Assert.Contains("qat (libtorch)", Run(["align", .. config]));
        Run(["export-onnx", "--stage", "qat", .. config]);
        Run(["calops", .. config]);
        Run(["inspect", artefact]);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static (int Height, int Width) MapSize(string artefact)
    {
        using Runtime.Segmenter segmenter = Runtime.Segmenter.Load(artefact);
        return (segmenter.ClassMap.Height, segmenter.ClassMap.Width);
    }

    private static string Run(params string[] arguments)
    {
        Cli run = Cli.Run(arguments);
        Assert.True(run.ExitCode == 0, $"tessera {string.Join(' ', arguments)}: {run.Error}");
        return run.Output;
    }

    private string[] Config() =>
    [
        "-c", Cli.Config("unet_mobilenetv1_kitti.yaml"),
        "--set", "input_size=[64, 128]",
        "--set", "model.neck.output_scales=[32, 8]",
        "--set", "model.losses.weight=[2, 1]",
        "--set", $"ckpt_dir={Path.Combine(_root, "run")}",
        "--set", $"data_loader.dataset.data_path={Path.Combine(_root, "train_lmdb")}",
        "--set", $"val_data_loader.dataset.data_path={Path.Combine(_root, "val_lmdb")}",
        "--set", "float_trainer.num_epochs=1",
        "--set", "qat_trainer.num_epochs=1",
        "--set", "calibration_trainer.num_images=2",
    ];
}
