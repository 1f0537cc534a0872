using System.Text.Json;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using TorchSharp;

namespace Tessera.Training.Tests.Trainers;

public sealed class TrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-trainer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Loss_falls_and_validation_rises_on_a_learnable_task()
    {
        var log = new EventLog();
        TrainingResult result = new Trainer(TrainingRun.Options(_folder, 6), new ColourGame(16, 4), Validation(), log).Run();

        Assert.False(result.IsInterrupted);
        Assert.Equal(6, log.Epochs.Count);
        Assert.True(log.Epochs[^1].Loss < 0.5 * log.Epochs[0].Loss);
        Assert.True(log.Epochs[^1].Validation!.MeanIoU > log.Epochs[0].Validation!.MeanIoU);
        Assert.True(result.BestMetric > 0.6, $"mIoU {result.BestMetric}");
        Assert.True(log.Epochs[^1].Training!.MeanIoU > 0.6);
        Assert.Equal(log.Epochs.Max(epoch => epoch.Validation!.MeanIoU), result.BestMetric);
    }

    [Fact]
    public void The_best_checkpoint_predicts_with_the_metric_that_it_names()
    {
        TrainingResult result = new Trainer(TrainingRun.Options(_folder, 3), new ColourGame(8, 4), Validation()).Run();
        Checkpoint best = new CheckpointStore(_folder, TrainingStage.Float).ReadBest(TrainingRun.Graph);
        using var predictor = new TorchPredictor(best.Network);

        MetricTable table = Evaluation.Run(predictor, Validation(), ColourGame.Classes, EvalSize.Input);

        Assert.Equal(result.BestMetric, best.State.Metric);
        Assert.Equal(best.State.Metric, table.MeanIoU);
    }

    [Theory]
    [InlineData("SGD")]
    [InlineData("SGD with Nesterov's momentum")]
    [InlineData("AdamW")]
    public void A_resumed_run_ends_with_the_bytes_of_an_uninterrupted_one(string name)
    {
        OptimizerOptions optimizer = name == "AdamW" ? new AdamWOptions() : new SgdOptions { Nesterov = name != "SGD" };
        string whole = Path.Combine(_folder, "whole"), split = Path.Combine(_folder, "split");
        var schedule = new WarmUpSchedule(new StepDecaySchedule(0.02, [3]), 5);
        new Trainer(TrainingRun.Options(whole, 4) with { Schedule = schedule, Optimizer = optimizer }, new ColourGame(3, 4), Validation()).Run();
        new Trainer(TrainingRun.Options(split, 2) with { Schedule = schedule, Optimizer = optimizer }, new ColourGame(3, 4), Validation()).Run();
        var log = new EventLog();
        TrainingResult resumed = new Trainer(TrainingRun.Options(split, 4) with { Schedule = schedule, Optimizer = optimizer, Resume = true }, new ColourGame(3, 4), Validation(), log).Run();

        Assert.Equal(2, resumed.FirstEpoch);
        Assert.Equal(resumed.LastPath, log.Begin!.ResumedFrom);
        AssertSameTensors(Path.Combine(whole, "float-checkpoint-last.safetensors"), resumed.LastPath);
        AssertSameTensors(Path.Combine(whole, "float-checkpoint-best.safetensors"), resumed.BestPath);
        Assert.Equal(
            TrainingHistory.Open(whole).Entries.Select(entry => entry with { Seconds = 0 }),
            TrainingHistory.Open(split).Entries.Select(entry => entry with { Seconds = 0 }));
    }

    [Fact]
    public void A_run_that_was_stopped_inside_an_epoch_goes_on_there()
    {
        string whole = Path.Combine(_folder, "whole"), split = Path.Combine(_folder, "split");
        new Trainer(TrainingRun.Options(whole, 2), new ColourGame(3, 4), Validation()).Run();
        using var stop = new CancellationTokenSource();
        var stopping = new ColourGame(3, 4) { Consumed = number => Cancel(number == 3, stop) };
        TrainingResult stopped = new Trainer(TrainingRun.Options(split, 2), stopping, Validation()).Run(stop.Token);
        Assert.True(stopped.IsInterrupted);
        Assert.Equal((1, 1), (stopped.FinishedEpochs, stopped.UnfinishedSteps));
        CheckpointState state = new CheckpointStore(split, TrainingStage.Float).ReadLast(TrainingRun.Graph).State;
        Assert.Equal((0, 4L, 1, 3, 4), (state.Epoch, state.Step, state.Progress!.Batches, state.Progress.BatchCount, state.Progress.Images));

        var log = new EventLog();
        TrainingResult resumed = new Trainer(TrainingRun.Options(split, 2) with { Resume = true }, new ColourGame(3, 4), Validation(), log).Run();
        Assert.Equal([2, 3], log.Steps.Select(step => step.Step));

        AssertSameTensors(Path.Combine(whole, "float-checkpoint-last.safetensors"), resumed.LastPath);
    }

    [Fact]
    public void Cancelling_stops_after_the_present_step()
    {
        using var stop = new CancellationTokenSource();
        var log = new EventLog { OnStep = report => Cancel(report.Step == 2, stop) };

        TrainingResult result = new Trainer(TrainingRun.Options(_folder, 2), new ColourGame(5, 4), Validation(), log).Run(stop.Token);

        Assert.True(result.IsInterrupted);
        Assert.Equal((0, 2), (result.FinishedEpochs, result.UnfinishedSteps));
        Assert.Equal(2, log.Steps.Count);
        Assert.Equal(["float-checkpoint-last.safetensors"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Resuming_without_a_checkpoint_starts_afresh_and_a_finished_run_does_nothing()
    {
        TrainerOptions options = TrainingRun.Options(_folder, 1) with { Resume = true };
        Assert.Equal(0, new Trainer(options, new ColourGame(1, 4), Validation()).Run().FirstEpoch);
        byte[] last = File.ReadAllBytes(new CheckpointStore(_folder, TrainingStage.Float).LastPath);

        TrainingResult again = new Trainer(options, new ColourGame(1, 4), Validation()).Run();

        Assert.Equal((1, 1), (again.FirstEpoch, again.FinishedEpochs));
        Assert.Equal(last, File.ReadAllBytes(again.LastPath));
    }

    [Fact]
    public void Resuming_another_network_is_refused()
    {
        new Trainer(TrainingRun.Options(_folder, 1), new ColourGame(1, 4), Validation()).Run();
        Network other = TestKit.RandomNetworks.Training(64, 64, seed: 1, classes: 5);
        TrainerOptions options = TrainingRun.Options(_folder, 2) with { Resume = true, TrainingGraph = other.Graph, Start = other };

        Assert.Contains("another network", Assert.Throws<BadFileException>(() => new Trainer(options, new ColourGame(1, 4), Validation()).Run()).Message);
    }

    [Fact]
    public void Callbacks_come_in_their_fixed_order()
    {
        var log = new EventLog();
        new Trainer(TrainingRun.Options(_folder, 2) with { ValidationInterval = 2, KeepEveryEpoch = true }, new ColourGame(2, 4), Validation(), log).Run();

        Assert.Equal(
            [
                "begin",
                "epoch 0", "step 1", "step 2", "float-checkpoint-epoch-0000.safetensors", "float-checkpoint-last.safetensors", "end 0",
                "epoch 1", "step 1", "step 2", "advance 4", "advance 8", "validated 1 best",
                "float-checkpoint-best.safetensors", "float-checkpoint-epoch-0001.safetensors", "float-checkpoint-last.safetensors", "end 1",
            ],
            log.Lines);
        Assert.Null(log.Epochs[0].Validation);
        Assert.All(log.Steps, step => Assert.True(step.SamplesPerSecond > 0 && step.WaitShare is >= 0 and <= 1 && step.TimeLeft >= TimeSpan.Zero));
        Assert.Equal([1L, 2, 3, 4], log.Steps.Select(step => step.GlobalStep));
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_run_and_names_the_step()
    {
        TrainerOptions options = TrainingRun.Options(_folder, 1) with { Schedule = new StepDecaySchedule(1e30, []) };

        WorkException fault = Assert.Throws<WorkException>(() => new Trainer(options, new ColourGame(6, 4), Validation()).Run());

        Assert.Contains("epoch 1, step ", fault.Message);
        Assert.Contains("learning rate 1E+30", fault.Message);
        Assert.Contains("optimizer.lr", fault.Message);
        Assert.Empty(Directory.GetFiles(_folder, "*.safetensors"));
    }

    [Theory]
    [InlineData(1e300, 5e-3, 1, "learning rate 1E+300")]
    [InlineData(0.02, 1e300, 1, "weight decay 1E+300")]
    [InlineData(0.02, 5e-3, 1e25, "losses.weight")] // the loss itself leaves float32
    public void What_diverges_names_its_cause_and_leaves_the_checkpoints_of_before(double rate, double decay, double loss, string cause)
    {
        new Trainer(TrainingRun.Options(_folder, 1), new ColourGame(1, 4), Validation()).Run();
        Dictionary<string, byte[]> before = Directory.GetFiles(_folder, "*.safetensors").ToDictionary(file => file, File.ReadAllBytes);
        TrainerOptions options = TrainingRun.Options(_folder, 2);
        options = options with
        {
            Resume = true,
            Schedule = new StepDecaySchedule(rate, []),
            Optimizer = new SgdOptions { Decay = WeightDecay.OfWeights(decay) },
            Loss = new FocalLossOptions { Alpha = 0.25 * loss, Weights = [.. TrainingRun.Strides.Select(stride => SegmentationLossOptions.WeightOf(stride) * loss)] },
        };

        WorkException fault = Assert.Throws<WorkException>(() => new Trainer(options, new ColourGame(1, 4), Validation()).Run());

        Assert.Contains("epoch 2, step 1 of 1", fault.Message);
        Assert.Contains(cause, fault.Message);
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
    }

    [Fact]
    public void A_running_statistic_that_overflows_ends_the_epoch_before_anything_is_written()
    {
        // The batch's own statistics stay finite; the momentum carries the running one out of float32.
        TrainerOptions options = TrainingRun.Options(_folder, 1);
        options.Start.Parameters["backbone.mod1.0.1.running_var"][3] = float.PositiveInfinity;

        WorkException fault = Assert.Throws<WorkException>(() => new Trainer(options, new ColourGame(1, 4), Validation()).Run());

        Assert.Contains("After epoch 1, backbone.mod1.0.1.running_var[3] is", fault.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Batch_norm_over_one_value_is_refused_before_the_first_step()
    {
        // At 64x64 the map of stride 64 has one pixel: a last batch of one image would give it no variance.
        var lastOfOne = new ColourGame(2, 2) { ClaimedBatch = 1 };

        UsageException fault = Assert.Throws<UsageException>(() => new Trainer(TrainingRun.Options(_folder, 1), lastOfOne, Validation()));

        Assert.Matches(@"^Batch norm \S+ would .* input_size \[64, 64\].* smallest batch of an epoch has 1 image.*data_loader\.batch_size", fault.Message);

        // A source whose batches are smaller than it says is found at its first such batch.
        var lying = new ColourGame(1, 1) { ClaimedBatch = 2 };
        Assert.Equal(fault.Message, Assert.Throws<UsageException>(() => new Trainer(TrainingRun.Options(_folder, 1), lying, Validation()).Run()).Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Best_changes_on_strict_improvement_only()
    {
        TrainerOptions options = TrainingRun.Options(_folder, 3) with { Schedule = new StepDecaySchedule(1e-30, []) };
        var log = new EventLog();

        // Nothing but ignored pixels: no epoch has a metric, so none is better than another.
        new Trainer(options with { ScoreTraining = false }, new ColourGame(1, 4), new Unlabelled(), log).Run();
        Assert.All(TrainingHistory.Open(_folder).Entries, entry => Assert.Null(entry.MeanIoU));
        Assert.All(log.Epochs, epoch => Assert.Null(epoch.Training));

        // Weights that stand still: after two epochs, in which the running statistics of batch norm settle, no improvement can come.
        log = new EventLog();
        new Trainer(options with { Epochs = 2 }, new ColourGame(1, 4) { IsFixed = true }, Validation(), log).Run();
        double first = log.Epochs[0].Validation!.MeanIoU, second = log.Epochs[1].Validation!.MeanIoU;
        Assert.Equal(second > first ? 2 : 1, log.Lines.Count(line => line == "float-checkpoint-best.safetensors"));
    }

    [Fact]
    public void History_is_one_json_object_per_line_with_the_documented_keys()
    {
        new Trainer(TrainingRun.Options(_folder, 2), new ColourGame(1, 4), Validation()).Run();
        string[] lines = File.ReadAllLines(Path.Combine(_folder, "history.jsonl"));

        Assert.Equal(2, lines.Length);
        using JsonDocument second = JsonDocument.Parse(lines[1]);
        Assert.Equal("float", second.RootElement.GetProperty("stage").GetString());
        Assert.Equal(1, second.RootElement.GetProperty("epoch").GetInt32());
        foreach (string key in new[] { "lr", "loss", "mIoU", "mAcc", "aAcc", "seconds" })
        {
            Assert.Equal(JsonValueKind.Number, second.RootElement.GetProperty(key).ValueKind);
        }
    }

    [Fact]
    public void A_damaged_history_names_its_line()
    {
        File.WriteAllText(Path.Combine(_folder, "history.jsonl"), "{\"stage\":\"float\",\"epoch\":0,\"seconds\":1}\n{\"sta");

        Assert.Contains("line 2", Assert.Throws<BadFileException>(() => TrainingHistory.Open(_folder)).Message);
    }

    [Fact]
    public void Two_hundred_steps_leave_no_tensor_behind()
    {
        TrainerOptions options = TrainingRun.Options(_folder, 1);
        new Trainer(options, new ColourGame(2, 2), Validation()).Run();
        long before = Live();
        var log = new EventLog();
        new Trainer(options, new ColourGame(200, 2), Validation(), log).Run();

        Assert.Equal(log.LiveAtStep[1], log.LiveAtStep[199]);
        Assert.Equal(before, Live());
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        TrainerOptions options = TrainingRun.Options(_folder, 1);
        Assert.Throws<UsageException>(() => new Trainer(options with { Epochs = 0 }, Validation(), Validation()));
        Assert.Throws<UsageException>(() => new Trainer(options with { ValidationInterval = 0 }, Validation(), Validation()));
        Assert.Throws<ArgumentException>(() => new Trainer(options with { Stage = TrainingStage.Qat }, Validation(), Validation()));
        Assert.Throws<ArgumentException>(() => new Trainer(options with { Stage = TrainingStage.Calibration }, Validation(), Validation()));
    }

    internal static ColourGame Validation() => new(2, 4, seed: 99) { IsFixed = true };

    /// <summary>Tensors of this thread that nobody has disposed; no garbage collection is needed to count them.</summary>
    internal static long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static void Cancel(bool condition, CancellationTokenSource source)
    {
        if (condition)
        {
            source.Cancel();
        }
    }

    internal static void AssertSameTensors(string expectedPath, string actualPath)
    {
        SafetensorsFile expected = SafetensorsFile.Read(expectedPath), actual = SafetensorsFile.Read(actualPath);
        Assert.Equal(expected.Tensors.Select(tensor => tensor.Name), actual.Tensors.Select(tensor => tensor.Name));
        Assert.Empty(expected.Tensors.Zip(actual.Tensors).Where(pair => !pair.First.Data.AsSpan().SequenceEqual(pair.Second.Data)).Select(pair => pair.First.Name));
        foreach (string key in expected.Metadata.Keys.Except(["created"]))
        {
            Assert.Equal(expected.Metadata[key], actual.Metadata[key]);
        }
    }

    /// <summary>Images without a single label.</summary>
    private sealed class Unlabelled : IBatchSource
    {
        public int BatchCount => 1;

        public int SampleCount => 4;

        public int SmallestBatch => 4;

        public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation)
        {
            foreach (SegmentationBatch batch in new ColourGame(1, 4).Epoch(epoch, cancellation))
            {
                Array.Fill(batch.Labels, ClassTable.Ignore);
                yield return batch;
            }
        }
    }
}
