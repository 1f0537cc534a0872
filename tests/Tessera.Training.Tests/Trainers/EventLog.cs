namespace Tessera.Training.Tests.Trainers;

/// <summary>Writes down what a run tells.</summary>
internal sealed class EventLog : ITrainingCallback
{
    public List<string> Lines { get; } = [];

    public List<StepReport> Steps { get; } = [];

    public List<EpochReport> Epochs { get; } = [];

    /// <summary>Live tensors after each step.</summary>
    public List<long> LiveAtStep { get; } = [];

    public TrainingBegin? Begin { get; private set; }

    public Action<StepReport>? OnStep { get; init; }

    public Action<CheckpointReport>? OnCheckpoint { get; init; }

    public void TrainingBegins(TrainingBegin report)
    {
        Begin = report;
        Lines.Add("begin");
    }

    public void EpochBegins(EpochBegin report) => Lines.Add($"epoch {report.Epoch}");

    public void StepEnds(StepReport report)
    {
        Lines.Add($"step {report.Step}");
        Steps.Add(report);
        LiveAtStep.Add(TrainerTests.Live());
        OnStep?.Invoke(report);
    }

    public void ValidationAdvances(EvaluationProgress report) => Lines.Add($"advance {report.Images}");

    public List<ValidationReport> Validations { get; } = [];

    public void ValidationEnds(ValidationReport report)
    {
        Validations.Add(report);
        Lines.Add($"validated {report.Epoch}{(report.IsBest ? " best" : "")}");
    }

    public void ScalesRepaired(RepairReport report) => Lines.Add($"repaired {report.Epoch}: {string.Join(" ", report.Channels.Select(item => $"{item.Node}/{item.Channel}"))}");

    public void CheckpointWritten(CheckpointReport report)
    {
        Lines.Add(Path.GetFileName(report.Path));
        OnCheckpoint?.Invoke(report);
    }

    public void EpochEnds(EpochReport report)
    {
        Lines.Add($"end {report.Epoch}");
        Epochs.Add(report);
    }
}
