using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Demo;

/// <summary>
/// Predicts without looking at the image: at every place the class that is most frequent there in the training labels. What a network
/// scores above this it has seen.
/// </summary>
internal sealed class PositionPredictor : ISegmentationPredictor
{
    private const int Stride = 4;

    private readonly byte[] _map;

    private PositionPredictor(byte[] map) => _map = map;

    /// <summary>Counts the classes at every place of the map over the training images.</summary>
    /// <exception cref="Core.BadFileException">The data are missing or damaged.</exception>
    public static PositionPredictor Learn(TesseraConfig config, CancellationToken cancellation)
    {
        int width = config.InputWidth / Stride, classes = config.Classes.Count;
        var votes = new int[config.InputHeight / Stride * width * classes];
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
                        votes[(((place / batch.Width / Stride * width) + (place % batch.Width / Stride)) * classes) + batch.Labels[i]]++;
                    }
                }
            }
        }

        return new PositionPredictor([.. votes.Chunk(classes).Select(counts => (byte)Array.IndexOf(counts, counts.Max()))]);
    }

    /// <inheritdoc/>
    public ClassMaps Predict(sbyte[] images, int count, int height, int width) =>
        new([.. Enumerable.Repeat(_map, count).SelectMany(map => map)], height / Stride, width / Stride);
}
