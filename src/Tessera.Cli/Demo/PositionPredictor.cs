using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Data;
using Tessera.Graphs.Models;
using Tessera.Training;

namespace Tessera.Cli.Demo;

/// <summary>
/// Predicts without looking at the image: at every place the class that is most frequent there in the training labels. What a network
/// scores above this it has seen.
/// </summary>
internal sealed class PositionPredictor : ISegmentationPredictor
{
    private readonly byte[] _map;
    private readonly int _stride;

    private PositionPredictor(byte[] map, int stride) => (_map, _stride) = (map, stride);

    /// <summary>Counts the classes at every place of the map over the training images.</summary>
    /// <exception cref="Core.BadFileException">The data are missing or damaged.</exception>
    public static PositionPredictor Learn(TesseraConfig config, CancellationToken cancellation)
    {
        int stride = LogitsOutputs.Of(config.TrainingGraph()).Strides.Min(), width = config.InputWidth / stride, classes = config.Classes.Count;
        var votes = new int[config.InputHeight / stride * width * classes];
        using DataSource data = DataSource.ForCalibration(config);
        foreach (SegmentationBatch batch in data.Batches.Epoch(0, cancellation))
        {
            using (batch)
            {
                int pixels = batch.Height * batch.Width;
                for (int i = 0; i < batch.Count * pixels; i++)
                {
                    int place = i % pixels;
                    if (batch.Labels[i] < classes)
                    {
                        votes[(((place / batch.Width / stride * width) + (place % batch.Width / stride)) * classes) + batch.Labels[i]]++;
                    }
                }
            }
        }

        return new PositionPredictor([.. votes.Chunk(classes).Select(counts => (byte)Array.IndexOf(counts, counts.Max()))], stride);
    }

    /// <inheritdoc/>
    public ClassMaps Predict(sbyte[] images, int count, int height, int width) =>
        new([.. Enumerable.Repeat(_map, count).SelectMany(map => map)], height / _stride, width / _stride);
}
