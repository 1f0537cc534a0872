using System.Collections.Immutable;
using System.Globalization;
using Tessera.Core;
using Tessera.Graphs.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>One step of gradient descent: forward, focal loss over the strides, backward, update.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly ImmutableArray<int> _strides;
    private readonly FocalLoss _loss;

    /// <summary>Creates the step for a module in training.</summary>
    public TrainingStep(GraphModule module, TrainerOptions options)
    {
        Module = module;
        _strides = Segmentor.Strides(module.Graph);
        _loss = new FocalLoss(options.Loss, _strides);
        Optimizer = OptimizerFactory.Sgd(module, new SgdOptions { LearningRate = options.Schedule.RateAt(0, 0), Momentum = options.Momentum, WeightDecay = options.WeightDecay });
    }

    /// <summary>The module that is trained; it stays the caller's.</summary>
    public GraphModule Module { get; }

    /// <summary>The optimizer.</summary>
    public SGD Optimizer { get; }

    /// <summary>Trains on a batch.</summary>
    /// <param name="batch">Images with a label for each stride.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="matrix">Receives the score of the finest logits; null for none.</param>
    /// <param name="place">The step in words, for messages.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="WorkException">The loss is NaN or infinite; the weights are still those of before the step.</exception>
    public double Run(SegmentationBatch batch, double rate, ConfusionMatrix? matrix, string place)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] logits = Module.Forward(BatchTensors.Images(batch.Images, batch.Count, batch.Height, batch.Width));
        Tensor[] labels = [.. _strides.Select(stride => BatchTensors.Labels(LabelsOf(batch, stride), batch.Count, batch.Height / stride, batch.Width / stride))];
        Tensor loss = _loss.Forward(logits, labels);
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            throw new WorkException(string.Create(CultureInfo.InvariantCulture,
                $"The loss became {value} at {place}, learning rate {rate:G4}: training diverged. Use a smaller learning rate (or a warm-up), and resume from the last checkpoint."));
        }

        foreach (optim.ILearningRateController group in Optimizer.ParamGroups)
        {
            group.LearningRate = rate;
        }

        Optimizer.zero_grad();
        loss.backward();
        Optimizer.step();
        matrix?.Add(logits[0].argmax(1).to_type(ScalarType.Byte).contiguous().bytes, batch.StrideLabels[_strides[0]]);
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => Optimizer.Dispose();

    private static byte[] LabelsOf(SegmentationBatch batch, int stride) => batch.StrideLabels.TryGetValue(stride, out byte[]? labels)
        ? labels
        : throw new ArgumentException($"The batch has no labels of stride {stride}; make the loader shrink them.", nameof(batch));
}
