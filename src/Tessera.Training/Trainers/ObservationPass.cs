using System.Diagnostics;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Quantization;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Shows calibration images to sessions. Where the set has fewer than asked for, it is run through again, as HAT does; whole batches are taken.</summary>
/// <param name="source">The images.</param>
/// <param name="total">Images of all passes together, for the progress.</param>
/// <param name="callback">Told of the progress; null for nobody.</param>
internal sealed class ObservationPass(IBatchSource source, int total, ICalibrationCallback? callback)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _all;

    /// <summary>Runs images through a float network.</summary>
    /// <param name="prepared">The network.</param>
    /// <param name="session">Sees the values of its nodes.</param>
    /// <param name="images">How many images.</param>
    /// <param name="look">Sees each batch, with its images as the network reads them; null for nobody.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    /// <exception cref="WorkException">The set gives no image, or a value is NaN or infinite.</exception>
    public void Run(Network prepared, CalibrationSession session, int images, Action<SegmentationBatch, Tensor>? look, CancellationToken cancellation)
    {
        using var module = new GraphModule(prepared.Graph, prepared.Parameters);
        module.eval();
        using var taps = new ActivationTaps(session);
        Show(
            images,
            (batch, values) =>
            {
                look?.Invoke(batch, values);
                module.ForwardTapped(values, taps.Take);
                taps.Flush();
            },
            cancellation);
    }

    /// <summary>Shows images to somebody.</summary>
    /// <param name="images">How many images.</param>
    /// <param name="see">Sees each batch, with its images as a network reads them; no gradient is recorded.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    /// <exception cref="WorkException">The set gives no image.</exception>
    public void Show(int images, Action<SegmentationBatch, Tensor> see, CancellationToken cancellation)
    {
        using var noGradient = no_grad();
        int seen = 0;
        for (int epoch = 0; seen < images; epoch++)
        {
            int before = seen;
            foreach (SegmentationBatch batch in source.Epoch(epoch, cancellation))
            {
                using (batch)
                using (NewDisposeScope())
                {
                    see(batch, BatchTensors.Images(batch.Images, batch.Count, batch.Height, batch.Width));
                    seen += batch.Count;
                    Report(batch.Count);
                }

                cancellation.ThrowIfCancellationRequested();
                if (seen >= images)
                {
                    break;
                }
            }

            if (seen == before)
            {
                throw new WorkException("The calibration set gave no image. Check the data path of the configuration.");
            }
        }
    }

    private void Report(int images)
    {
        _all += images;
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        callback?.ObservationAdvances(new EvaluationProgress(_all, total, _all / seconds, TimeSpan.FromSeconds(seconds / _all * Math.Max(0, total - _all))));
    }
}
