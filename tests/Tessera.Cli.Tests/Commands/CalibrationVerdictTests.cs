using Tessera.Graphs;

namespace Tessera.Cli.Tests.Commands;

/// <summary>Calibration says when it has lost accuracy, and which keys that are off may bring it back.</summary>
[Collection(TrainedRunCollection.Name)]
public sealed class CalibrationVerdictTests(TrainedRun run) : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_lost_is_said_with_the_keys_that_are_off()
    {
        string output = Calibrate(0.9);
        Assert.Matches(@"Calibration lost \d+\.\d\d of the float network's mIoU of 90\.00\. Try what needs no training, each alone first: --set calibration_trainer\.correct_bias=true, --set calibration_trainer\.adaptive_rounding=true\.", output);
        string rescued = Calibrate(0.9, "--set", "calibration_trainer.correct_bias=true", "--set", "calibration_trainer.equalize=false");
        Assert.Contains("each alone first: --set calibration_trainer.equalize=true, --set calibration_trainer.adaptive_rounding=true.", rescued);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.NaN)]
    public void Nothing_is_said_where_nothing_is_lost_or_known(double metric) => Assert.DoesNotContain("Calibration lost", Calibrate(metric));

    private string Calibrate(double metric, params string[] options)
    {
        SafetensorsFile trained = SafetensorsFile.Read(run.Checkpoint("float"));
        string score = metric.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        Dictionary<string, string> metadata = new(trained.Metadata) { ["metric"] = score, ["best_metric"] = score };
        new SafetensorsFile(trained.Tensors, metadata).Write(Path.Combine(_folder.Root, Path.GetFileName(run.Checkpoint("float"))));
        Cli result = Cli.Run(["train", "--stage", "calibration", .. run.Config("--set", $"ckpt_dir={_folder.Root}"), .. options]);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output;
    }
}
