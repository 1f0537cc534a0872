using System.Globalization;
using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>One step of gradient descent: forward, loss over the outputs, backward, update.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly LogitsOutputs _outputs;
    private readonly ISegmentationLoss _loss;
    private readonly ScaleSteps? _scales;
    private readonly HashSet<(int Count, int Height, int Width)> _trainable = [];

    /// <summary>Creates the step for a module in training.</summary>
    public TrainingStep(GraphModule module, TrainerOptions options)
    {
        Module = module;
        _outputs = LogitsOutputs.Of(module.Graph);
        _loss = options.Loss.Create(_outputs);
        Optimizer = options.Optimizer.Create(module);
        _scales = options.Stage == TrainingStage.Qat && (options.Qat.MovesScales || options.Qat.Bias == BiasForm.Float) ? new ScaleSteps(module, options.Qat.Simplified()) : null;
    }

    /// <summary>The module that is trained; it stays the caller's.</summary>
    public GraphModule Module { get; }

    /// <summary>The optimizer.</summary>
    public IOptimizer Optimizer { get; }

    /// <summary>A copy of what optimizer and scales remember between steps, for a checkpoint.</summary>
    public IReadOnlyDictionary<string, float[]> ReadState() => _scales is null ? Optimizer.ReadState() : Optimizer.ReadState().Concat(_scales.ReadState()).ToDictionary();

    /// <summary>Takes over what was read earlier; what is missing starts afresh.</summary>
    /// <param name="state">As <see cref="ReadState"/> gave it.</param>
    /// <param name="steps">Steps that were taken before.</param>
    public void LoadState(IReadOnlyDictionary<string, float[]> state, long steps)
    {
        Optimizer.LoadState(state, steps);
        _scales?.LoadState(state);
    }

    /// <summary>Trains on a batch.</summary>
    /// <param name="batch">Images with a label for each stride.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="matrix">Receives the score of the finest logits; null for none.</param>
    /// <param name="place">The step in words, for messages.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="WorkException">The loss, a gradient or a new weight is NaN or infinite; the weights are still those of before the step.</exception>
    /// <exception cref="UsageException">A batch norm would see one value per channel.</exception>
    public double Run(SegmentationBatch batch, double rate, ConfusionMatrix? matrix, string place)
    {
        if (_trainable.Add((batch.Count, batch.Height, batch.Width)))
        {
            BatchStatistics.Require(Module.Graph, batch.Count, batch.Height, batch.Width);
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor[] logits = Module.Forward(BatchTensors.Images(batch.Images, batch.Count, batch.Height, batch.Width));
        Tensor[] labels = [.. _outputs.Strides.Select(stride => BatchTensors.Labels(LabelsOf(batch, stride), batch.Count, batch.Height / stride, batch.Width / stride))];
        Tensor loss = _loss.Forward(logits, labels);
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            throw Diverged(place, rate, LossFault(value, logits));
        }

        Optimizer.ZeroGradients();
        loss.backward();
        try
        {
            _scales?.Require();
            Optimizer.Step(rate);
            _scales?.Step(rate);
        }
        catch (WorkException fault)
        {
            throw Diverged(place, rate, string.Create(CultureInfo.InvariantCulture, $"The loss is {value:G4}. {fault.Message}"), fault);
        }

        matrix?.Add(logits[_outputs.Finest].argmax(1).to_type(ScalarType.Byte).contiguous().bytes, batch.StrideLabels[_outputs.Strides[_outputs.Finest]]);
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => _scales?.Dispose();

    private static string LossFault(double loss, Tensor[] logits)
    {
        string place = string.Create(CultureInfo.InvariantCulture, $"The loss is {loss}");
        return logits.All(output => !MemoryMarshal.Cast<byte, float>(output.bytes).ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            ? $"{place}, although the network's outputs are finite: use a smaller losses.weight."
            : $"{place}, because the network's outputs are no longer finite: training diverged. Use a smaller optimizer.lr.";
    }

    private static WorkException Diverged(string place, double rate, string cause, Exception? inner = null) => new(
        string.Create(CultureInfo.InvariantCulture, $"Training stopped at {place}, learning rate {rate:G4}: {cause} Checkpoints written before are unchanged."),
        inner);

    private static byte[] LabelsOf(SegmentationBatch batch, int stride) => batch.StrideLabels.TryGetValue(stride, out byte[]? labels)
        ? labels
        : throw new ArgumentException($"The batch has no labels of stride {stride}; make the loader shrink them.", nameof(batch));
}
