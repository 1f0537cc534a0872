using Tessera.Core;

namespace Tessera.Graphs.Models;

/// <summary>
/// What the height and width of a graph's input must be divisible by, so that no stride and no window cuts a rest off: computed from the shape rules of its
/// nodes, whatever their operations are.
/// </summary>
public static class InputStep
{
    // Every stride and window that occurs divides this extent, so that the rule shows its factor and no rounding.
    private const int Probe = (1 << 12) * 9 * 5 * 7;

    /// <summary>The steps of height and width; the graph's own height or width where it has a map whose extent is fixed, so that it holds for one size only.</summary>
    public static (int Height, int Width) Of(Graph graph)
    {
        TensorShape input = graph.Input.Output.Shape;
        return (Axis(graph, input.H, shape => shape.H), Axis(graph, input.W, shape => shape.W));
    }

    /// <summary>Whether the graph's own input is divisible by its steps.</summary>
    public static bool IsMet(Graph graph)
    {
        TensorShape input = graph.Input.Output.Shape;
        (int height, int width) = Of(graph);
        return input.H % height == 0 && input.W % width == 0;
    }

    private static int Axis(Graph graph, int own, Func<TensorShape, int> extent)
    {
        // Each map's extent as a fraction of the input's.
        var fractions = new Dictionary<string, (long Up, long Down)> { [graph.Input.Name] = (1, 1) };
        long step = 1;
        foreach (Node node in graph.Nodes.Where(node => node.Op is not Input))
        {
            long once = extent(Output(graph, node, Probe)), twice = extent(Output(graph, node, 2 * Probe));
            if (once == twice)
            {
                return own;
            }

            (long up, long down) = fractions[node.Inputs[0]];
            (up, down) = once <= Probe ? (up, down * Factor(Probe, once)) : (up * Factor(once, Probe), down);
            long common = Gcd(up, down);
            fractions[node.Name] = (up / common, down / common);
            step = step / Gcd(step, down / common) * (down / common);
        }

        return (int)Math.Min(step, int.MaxValue);
    }

    private static TensorShape Output(Graph graph, Node node, int size) =>
        node.Op.OutputShape(node.Name, [.. node.Inputs.Select(name => graph.ValueOf(name).Shape with { H = size, W = size })]);

    /// <summary>How many times smaller one extent is; a convolution without padding takes some pixels away, which is no factor.</summary>
    private static long Factor(long large, long small) => (large + (small / 2)) / small;

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
