using Tessera.Graphs;
using Tessera.Training;

namespace Tessera.Cli.Alignment;

/// <summary>The QAT network on libtorch, as training validates it.</summary>
/// <param name="network">The annotated network.</param>
internal sealed class QatRunner(Network network) : IRunner
{
    private readonly TorchPredictor _predictor = new(network);

    /// <inheritdoc/>
    public string Name => "qat (libtorch)";

    /// <inheritdoc/>
    public RunnerOutput[] Run(sbyte[] images, int count, int height, int width)
    {
        sbyte[] logits = _predictor.PredictLogits(images, count, height, width);
        ClassMaps maps = _predictor.Predict(images, count, height, width);
        int logitsLength = logits.Length / count, mapLength = maps.Height * maps.Width;
        return [.. Enumerable.Range(0, count).Select(i => new RunnerOutput(
            logits[(i * logitsLength)..((i + 1) * logitsLength)],
            maps.Values[(i * mapLength)..((i + 1) * mapLength)],
            maps.Height,
            maps.Width))];
    }

    /// <inheritdoc/>
    public void Dispose() => _predictor.Dispose();
}
