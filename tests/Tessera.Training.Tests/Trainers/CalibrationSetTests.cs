using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Training.Tests.Trainers;

/// <summary>Calibration refuses images from which it cannot learn, and reports what it found on the others.</summary>
public sealed class CalibrationSetTests : IDisposable
{
    private static readonly Lazy<Checkpoint> Trained = new(() =>
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tessera-set-");
        new Trainer(TrainingRun.Options(folder.FullName, 3), new ColourGame(16, 4), TrainerTests.Validation()).Run();
        Checkpoint trained = new CheckpointStore(folder.FullName, TrainingStage.Float).ReadLast(TrainingRun.Graph);
        folder.Delete(recursive: true);
        return trained;
    });

    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-set-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Images_like_those_of_training_pass_and_leave_a_report()
    {
        CalibrationResult result = Calibrate(new ColourGame(4, 4, seed: 5));

        Assert.Empty(result.Problems);
        Assert.Equal(70, result.Scales.Count);
        Checkpoint calibrated = new CheckpointStore(_folder, TrainingStage.Calibration).ReadBest(TrainingRun.Graph);
        foreach (ScaleSummary scale in result.Scales)
        {
            Node node = calibrated.Network.Graph[scale.Node];
            Assert.Equal(node.WeightQuant!.Scales, scale.Report.Channels.Select(channel => channel.WeightScale));
            Assert.All(scale.Report.Channels, channel => Assert.True(channel is { Multiplier: > 0, BiasError: >= 0 and < 0.51, ClippedWeights: >= 0 and <= 1 }, channel.ToString()));
            Assert.InRange(scale.Report.Drift, 0, 2);
            Assert.InRange(scale.Report.LargestMagnitude, scale.Report.RootMeanSquare, 1e6);
        }
    }

    [Fact]
    public void A_dead_channel_and_an_outlier_are_in_the_report()
    {
        Network network = Trained.Value.Network;
        var parameters = new ParameterSet();
        foreach ((string name, float[] values) in network.Parameters)
        {
            parameters[name] = [.. values];
        }

        parameters["backbone.mod2.0.1.1.weight"][2] = 0; // batch norm: gamma 0 and a negative shift, behind a ReLU
        parameters["backbone.mod2.0.1.1.bias"][2] = -1;

        CalibrationResult result = Calibrate(new ColourGame(4, 4, seed: 5), options => options with { FloatNetwork = new Network(network.Graph, parameters) });

        NodeReport report = result.Scales.Single(scale => scale.Node == "backbone.mod2.0.1.0").Report;
        Assert.True(report.Channels[2].IsSilent);
        Assert.True(report.SilentChannels < report.Channels.Length);
    }

    [Fact]
    public void Images_of_one_colour_are_refused()
    {
        string message = Refused(new Changed(new ColourGame(1, 4), images => Array.Clear(images)));
        Assert.Contains("4 of the 4 calibration images show a single colour", message);
        Assert.Contains("calibration_trainer.inadequate_set=warn", message);

        CalibrationResult told = Calibrate(new Changed(new ColourGame(1, 4), images => Array.Clear(images)), options => options with { AllowInadequateSet = true });
        Assert.Contains(told.Problems, problem => problem.StartsWith("4 of the 4 calibration images show a single colour", StringComparison.Ordinal));
    }

    [Fact]
    public void One_image_over_and_over_is_refused()
    {
        const int Image = 64 * 64 * 3;
        Assert.Contains("All 4 calibration images are the same one", Refused(new Changed(new ColourGame(1, 4), images =>
        {
            for (int i = 1; i < 4; i++)
            {
                images.AsSpan(0, Image).CopyTo(images.AsSpan(i * Image));
            }
        })));
        Calibrate(new ColourGame(1, 1), options => options with { Images = 3 }); // a set of one image has no other
    }

    [Theory]
    [InlineData(110, 1)] // as if nothing had been taken off
    [InlineData(0, 8)] // as if it had been divided once more
    public void Images_that_are_prepared_otherwise_than_in_training_are_refused(int shift, int divisor)
    {
        string message = Refused(new Changed(new ColourGame(2, 4), images =>
        {
            for (int i = 0; i < images.Length; i++)
            {
                images[i] = (sbyte)Math.Clamp((images[i] / divisor) + shift, -128, 127);
            }
        }));
        Assert.Contains("The calibration images do not look like those of training: the first convolution's channels differ by ", message);
    }

    [Fact]
    public void A_network_of_a_few_steps_remembers_nothing_to_compare_with()
    {
        var bright = new Changed(new ColourGame(2, 4), images => Array.ForEach([.. Enumerable.Range(0, images.Length)], i => images[i] = (sbyte)Math.Clamp(images[i] + 110, -128, 127)));
        Assert.Empty(Calibrate(bright, options => options with { TrainingSteps = 5 }).Problems);
    }

    [Fact]
    public void A_class_that_is_not_observed_is_refused_while_the_set_has_more_images()
    {
        var blind = new Changed(new ColourGame(4, 4), _ => { }) { Labels = labels => labels.AsSpan().Replace((byte)2, (byte)0) };
        string message = Refused(blind, options => options with { Images = 8 });
        Assert.Contains("The 8 calibration images show nothing of wall (", message);
        Assert.Contains("raise calibration_trainer.num_images; the set has 16", message);
        Assert.Empty(Calibrate(blind, options => options with { Images = 16 }).Problems); // no image of the set shows it
    }

    [Fact]
    public void What_is_known_to_be_wrong_is_refused_before_an_image_is_read()
    {
        string message = Refused(new Changed(new ColourGame(1, 4), _ => Assert.Fail("read")), options => options with { KnownProblems = ["Its images are prepared otherwise."] });
        Assert.StartsWith("The calibration set is inadequate. Its images are prepared otherwise. ", message);
    }

    private CalibrationResult Calibrate(IBatchSource images, Func<CalibratorOptions, CalibratorOptions>? change = null)
    {
        var options = new CalibratorOptions
        {
            TrainingGraph = TrainingRun.Graph,
            FloatNetwork = Trained.Value.Network,
            TrainingSteps = Trained.Value.State.Step,
            Folder = _folder,
            Run = TrainingRun.Info,
            Images = images.SampleCount,
        };
        return new Calibrator(change?.Invoke(options) ?? options, images, TrainerTests.Validation()).Run();
    }

    private string Refused(IBatchSource images, Func<CalibratorOptions, CalibratorOptions>? change = null)
    {
        string message = Assert.Throws<BadFileException>(() => Calibrate(images, change)).Message;
        Assert.Empty(Directory.GetFiles(_folder));
        return message;
    }

    /// <summary>Another source's batches with other pixels or labels.</summary>
    private sealed class Changed(IBatchSource source, Action<sbyte[]> pixels) : IBatchSource
    {
        public Action<byte[]> Labels { get; init; } = _ => { };

        public int BatchCount => source.BatchCount;

        public int SampleCount => source.SampleCount;

        public int SmallestBatch => source.SmallestBatch;

        public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation)
        {
            foreach (SegmentationBatch batch in source.Epoch(epoch, cancellation))
            {
                pixels(batch.Images);
                Labels(batch.Labels);
                yield return batch;
            }
        }
    }
}
