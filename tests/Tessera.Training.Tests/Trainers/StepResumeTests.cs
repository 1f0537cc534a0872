using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Training.Tests.Trainers;

/// <summary>A run that is stopped or killed at any step, and resumed, ends with the bytes of an undisturbed one.</summary>
public sealed class StepResumeTests : IDisposable
{
    private const int Batches = 3, Epochs = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-steps-").FullName;

    public static TheoryData<string> Runs => ["SGD", "AdamW", "QAT", "QAT with learned scales"];

    private static Graph Graph => TrainerWireTests.Graph;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Runs))]
    public void Killed_after_any_step_it_ends_like_an_undisturbed_run(string kind)
    {
        TrainerOptions options = Options(kind);
        string whole = Path.Combine(_folder, "whole");
        Run(options with { Folder = whole });

        // Each time that a checkpoint has been written the folder is copied: what a kill at that moment leaves.
        string watched = Path.Combine(_folder, "watched");
        List<string> copies = [];
        var copier = new EventLog { OnCheckpoint = _ => copies.Add(Copy(watched, copies.Count)) };
        Run(options with { Folder = watched, CheckpointInterval = TimeSpan.Zero }, copier);
        AssertSame(options, whole, watched);

        HashSet<long> steps = [];
        foreach (string copy in copies.Where(copy => File.Exists(new CheckpointStore(copy, options.Stage).LastPath)))
        {
            steps.Add(new CheckpointStore(copy, options.Stage).ReadLast(Graph).State.Step);
            Run(options with { Folder = copy, Resume = true });
            AssertSame(options, whole, copy);
        }

        Assert.Equal(Enumerable.Range(1, Epochs * Batches).Select(step => (long)step), steps.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Stopped_at_a_step_it_goes_on_there_once_or_twice(int at)
    {
        TrainerOptions options = Options("SGD");
        string whole = Path.Combine(_folder, "whole"), split = Path.Combine(_folder, "split");
        Run(options with { Folder = whole });
        for (int stop = at; stop <= at + 1; stop++)
        {
            using var source = new CancellationTokenSource();
            var log = new EventLog { OnStep = report => Cancel(source, report.GlobalStep == stop) };
            TrainingResult stopped = new Trainer(options with { Folder = split, Resume = true }, Source(), TrainerTests.Validation(), log).Run(source.Token);
            Assert.True(stopped.IsInterrupted);
            Assert.Equal(stop, (stopped.FinishedEpochs * Batches) + stopped.UnfinishedSteps);
        }

        Run(options with { Folder = split, Resume = true });
        AssertSame(options, whole, split);
    }

    [Fact]
    public void A_run_that_replaces_another_writes_nothing_before_its_first_epoch_has_ended()
    {
        TrainerOptions options = Options("SGD") with { Folder = _folder };
        Run(options);
        byte[] before = File.ReadAllBytes(new CheckpointStore(_folder, TrainingStage.Float).LastPath);
        using var source = new CancellationTokenSource();
        var log = new EventLog { OnStep = report => Cancel(source, report.GlobalStep == 2) };
        TrainingResult stopped = new Trainer(options with { CheckpointInterval = TimeSpan.Zero }, Source(), TrainerTests.Validation(), log).Run(source.Token);
        Assert.Equal((true, 0, 0), (stopped.IsInterrupted, stopped.FinishedEpochs, stopped.UnfinishedSteps));
        Assert.Equal(before, File.ReadAllBytes(stopped.LastPath));
    }

    [Fact]
    public void An_epoch_of_another_length_cannot_be_continued()
    {
        TrainerOptions options = Options("SGD") with { Folder = _folder };
        using var source = new CancellationTokenSource();
        new Trainer(options, Source(), TrainerTests.Validation(), new EventLog { OnStep = _ => source.Cancel() }).Run(source.Token);
        var longer = new Trainer(options with { Resume = true }, new ColourGame(Batches + 1, 4), TrainerTests.Validation());
        Assert.Contains("was written after 1 of 3 steps of an epoch, which now has 4", Assert.Throws<UsageException>(() => longer.Run()).Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("")]
    [InlineData("{\"Batches\":4,\"BatchCount\":3,\"Images\":4,\"LossSum\":1,\"Seconds\":1,\"Confusion\":[]}")]
    [InlineData("{\"Batches\":1,\"BatchCount\":3,\"Images\":4,\"LossSum\":1,\"Seconds\":-1,\"Confusion\":[]}")]
    public void What_is_no_progress_is_not_read(string text) => Assert.Null(EpochProgress.FromJson(text));

    private TrainerOptions Options(string kind)
    {
        TrainerOptions options = TrainingRun.Options(_folder, Epochs) with { TrainingGraph = Graph, Start = new Network(Graph, ParameterSet.Initialize(Graph, 7)), Schedule = new WarmUpSchedule(new StepDecaySchedule(2e-3, [1]), 4) };
        return kind switch
        {
            "SGD" => options,
            "AdamW" => options with { Optimizer = new AdamWOptions() },
            "QAT" => options with { Stage = TrainingStage.Qat, Start = QatScaleTests.CalibratedNetwork },
            _ => options with { Stage = TrainingStage.Qat, Start = QatScaleTests.CalibratedNetwork, Qat = new QatOptions { ActivationScales = ScaleTraining.Learned, WeightScales = ScaleTraining.Learned } },
        };
    }

    private static ColourGame Source() => new(Batches, 4);

    private static void Run(TrainerOptions options, EventLog? log = null) => Assert.False(new Trainer(options, Source(), TrainerTests.Validation(), log ?? new EventLog()).Run().IsInterrupted);

    private static void Cancel(CancellationTokenSource source, bool condition)
    {
        if (condition)
        {
            source.Cancel();
        }
    }

    private string Copy(string folder, int number)
    {
        DirectoryInfo copy = Directory.CreateDirectory(Path.Combine(_folder, $"copy{number}"));
        foreach (string file in Directory.GetFiles(folder))
        {
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
        }

        return copy.FullName;
    }

    private static void AssertSame(TrainerOptions options, string expected, string actual)
    {
        CheckpointStore a = new(expected, options.Stage), b = new(actual, options.Stage);
        TrainerTests.AssertSameTensors(a.LastPath, b.LastPath);
        TrainerTests.AssertSameTensors(a.BestPath, b.BestPath);
        Assert.Equal(TrainingHistory.Open(expected).Entries.Select(entry => entry with { Seconds = 0 }), TrainingHistory.Open(actual).Entries.Select(entry => entry with { Seconds = 0 }));
    }
}
