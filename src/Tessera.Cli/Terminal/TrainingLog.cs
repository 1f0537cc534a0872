using System.Globalization;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Shows a training run: a line for each epoch, a bar in between.</summary>
internal sealed class TrainingLog(CommandConsole console) : ITrainingCallback
{
    private ProgressBar _steps = new(console, "training", "steps");
    private EvaluationBar _validation = new(console, "validating");
    private readonly HashSet<string> _advice = [];
    private StepReport? _lastStep;
    private bool _isBest;

    /// <summary>
    /// The validation of the best epoch (<see cref="ValidationReport.StartEpoch"/>: of the calibrated network), or of the last where none of this run was best; null before the first.
    /// </summary>
    public (int Epoch, MetricTable Metrics)? Best { get; private set; }

    /// <inheritdoc/>
    public void TrainingBegins(TrainingBegin report)
    {
        if (report.ResumedFrom is { } path)
        {
            console.Out.WriteLine(report.FirstEpoch < report.Epochs
                ? $"Continuing from {path} with epoch {report.FirstEpoch + 1}."
                : $"Nothing is left to do: {path} has finished {report.FirstEpoch} epochs, and num_epochs is {report.Epochs}.");
        }

        console.Out.WriteLine($"{report.Epochs} epochs of {report.StepsPerEpoch} steps; {report.TrainingImages} training images, {report.ValidationImages} validation images.");
    }

    /// <inheritdoc/>
    public void EpochBegins(EpochBegin report)
    {
        _steps = new ProgressBar(console, $"[{report.Epoch + 1}/{report.Epochs}] training", "steps");
        _validation = new EvaluationBar(console, $"[{report.Epoch + 1}/{report.Epochs}] validating");
        _isBest = false;
    }

    /// <inheritdoc/>
    public void StepEnds(StepReport report)
    {
        _lastStep = report;
        _steps.Report(report.Step, report.StepsPerEpoch, string.Create(
            CultureInfo.InvariantCulture,
            $"loss {report.SmoothedLoss:0.0000}  {Duration.Text(report.TimeLeft)} left  {report.SamplesPerSecond:0.00} images/s  waiting for data {report.WaitShare:P0}  lr {report.LearningRate:G4}"));
    }

    /// <inheritdoc/>
    public void ScalesRepaired(RepairReport report)
    {
        Clear();
        (string node, int channel) = report.Channels[0];
        console.Out.WriteLine(
            $"Epoch {report.Epoch + 1}: {report.Channels.Length} weight scales were made coarser so that sums stay exact, the first at node {node}, channel {channel}. Where that happens often, lower qat_trainer.optimizer.lr.");
    }

    /// <inheritdoc/>
    public void ValidationAdvances(EvaluationProgress report)
    {
        _steps.Clear();
        _validation.Report(report);
    }

    /// <inheritdoc/>
    public void ValidationEnds(ValidationReport report)
    {
        _validation.Clear();
        _isBest = report.IsBest;
        if (report.IsBest || Best is null)
        {
            Best = (report.Epoch, report.Metrics);
        }

        if (report.Epoch == ValidationReport.StartEpoch)
        {
            console.Out.WriteLine($"The calibrated network, which QAT has to beat:  val {MetricReport.Summary(report.Metrics)}  {Duration.Text(report.Seconds)}");
        }
    }

    /// <inheritdoc/>
    public void EpochEnds(EpochReport report)
    {
        Clear();
        string training = report.Training is { } score ? $"  train mIoU {MetricReport.Percent(score.MeanIoU)}" : "";
        string validation = report.Validation is { } metrics ? $"  val {MetricReport.Summary(metrics)}{(_isBest ? " (best)" : "")}" : "";
        int digits = report.Epochs.ToString(CultureInfo.InvariantCulture).Length;
        string epoch = (report.Epoch + 1).ToString(CultureInfo.InvariantCulture).PadLeft(digits);
        console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"[{epoch}/{report.Epochs}] loss {report.Loss:0.0000}  lr {report.LearningRate:G4}{training}{validation}  {_lastStep!.SamplesPerSecond:0.00} images/s  {report.DataWait ?? $"data wait {report.WaitShare:P1}"}  {Duration.Text(report.Seconds)}  {Duration.Text(_lastStep.TimeLeft)} left"));
        if (report.DataAdvice is { } advice && _advice.Add(advice))
        {
            console.Out.WriteLine($"Training waits for its data. To change that, {advice}.");
        }
    }

    /// <summary>Takes the bars away.</summary>
    public void Clear()
    {
        _steps.Clear();
        _validation.Clear();
    }
}
