using System.Globalization;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Shows the progress that an evaluation reports.</summary>
internal sealed class EvaluationBar(CommandConsole console, string what) : IProgress<EvaluationProgress>, IDisposable
{
    private readonly ProgressBar _bar = new(console, what, "images");

    /// <inheritdoc/>
    public void Report(EvaluationProgress value) => _bar.Report(
        value.Images, value.Total, string.Create(CultureInfo.InvariantCulture, $"{value.ImagesPerSecond:0.0}/s  {Duration.Text(value.TimeLeft)} left"));

    /// <summary>Takes the bar away, before other output.</summary>
    public void Clear() => _bar.Clear();

    /// <summary>Takes the bar away at the end, also when the evaluation failed.</summary>
    public void Dispose() => _bar.Dispose();
}
