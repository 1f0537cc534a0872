using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Counts how often the activations of an annotated network lie at the ends of int8.</summary>
internal static class SaturationCount
{
    /// <summary>The share of saturated outputs per convolution, over the first images of a source.</summary>
    /// <param name="annotated">The network.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">About how many to take; whole batches.</param>
    /// <param name="cancellation">Ends the count between batches.</param>
    public static Dictionary<string, double> Shares(Network annotated, IBatchSource source, int images, CancellationToken cancellation)
    {
        Dictionary<string, (long Saturated, long Count)> counts = annotated.Graph.Nodes.Where(node => node.Op is Conv2d).ToDictionary(node => node.Name, _ => (0L, 0L));
        using var module = new GraphModule(annotated.Graph, annotated.Parameters);
        module.eval();
        using var noGradient = no_grad();
        int seen = 0;
        foreach (SegmentationBatch batch in source.Epoch(0, cancellation))
        {
            using (batch)
            using (NewDisposeScope())
            {
                Tensor input = BatchTensors.Images(batch.Images, batch.Count, batch.Height, batch.Width);
                module.ForwardTapped(input, Count);
                seen += batch.Count;
            }

            if (seen >= images)
            {
                break;
            }
        }

        return counts.ToDictionary(item => item.Key, item => item.Value.Count == 0 ? double.NaN : (double)item.Value.Saturated / item.Value.Count);

        void Count(string name, Tensor values)
        {
            if (counts.TryGetValue(name, out (long Saturated, long Count) count))
            {
                using Tensor contiguous = values.contiguous();
                Span<float> elements = MemoryMarshal.Cast<byte, float>(contiguous.bytes);
                counts[name] = (count.Saturated + elements.Count(Int8Arithmetic.Min) + elements.Count(Int8Arithmetic.Max), count.Count + elements.Length);
            }
        }
    }
}
