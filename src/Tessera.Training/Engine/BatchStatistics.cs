using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>
/// Training's batch norms need two values of each channel at least: the variance of one value is 0 / 0, which nothing but the running statistics shows.
/// </summary>
internal static class BatchStatistics
{
    /// <summary>Passes when every batch norm of a network can be trained on such a batch.</summary>
    /// <param name="graph">The network; without batch norm anything passes.</param>
    /// <param name="count">Images in the smallest batch.</param>
    /// <param name="height">Rows of each image.</param>
    /// <param name="width">Columns of each image.</param>
    /// <exception cref="UsageException">One has a single value per channel; the message names the first such node, the sizes and the remedy.</exception>
    public static void Require(Graph graph, int count, int height, int width)
    {
        if (FindSingle(graph, count, height, width) is { } single)
        {
            throw new UsageException(
                $"Batch norm {single.Name} would be trained on one value per channel, which has no variance: at input_size [{height}, {width}] its map is 1x1, and the smallest batch of an epoch has 1 image. "
                + "Choose data_loader.batch_size so that every batch, the last one too, has at least 2 images, or, if the map grows with it, a larger input_size.");
        }
    }

    /// <summary>The first batch norm of a network that would have a single value per channel; null where there is none.</summary>
    /// <inheritdoc cref="Require"/>
    public static Node? FindSingle(Graph graph, int count, int height, int width)
    {
        if (!graph.Nodes.Any(node => node.Op is BatchNorm2d))
        {
            return null;
        }

        Graph batch = graph.WithInputShape(new TensorShape(count, graph.Input.Output.Shape.C, height, width));
        return batch.Nodes.FirstOrDefault(node => node.Op is BatchNorm2d && node.Output.Shape is { N: 1, H: 1, W: 1 });
    }
}
