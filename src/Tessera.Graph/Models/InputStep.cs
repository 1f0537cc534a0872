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
        if (Shapes(graph, Probe) is not { } once || Shapes(graph, 2 * Probe) is not { } twice)
        {
            return own;
        }

        // Each map's extent as a fraction of the input's.
        var fractions = new Dictionary<string, (long Up, long Down)> { [graph.Input.Name] = (1, 1) };
        long step = 1;
        foreach (Node node in graph.Nodes.Where(node => node.Op is not Input))
        {
            int output = extent(once[node.Name]);
            (long Up, long Down)[] ways = [.. node.Inputs.Select(name => Times(fractions[name], extent(once[name]), output)).Distinct()];
            if (output == extent(twice[node.Name]) || ways.Length > 1)
            {
                return own;
            }

            fractions[node.Name] = ways[0];
            step = step / Gcd(step, ways[0].Down) * ways[0].Down;
        }

        return (int)Math.Min(step, int.MaxValue);
    }

    /// <summary>The shapes of all nodes for a square input; null where the graph does not hold for it, for two ways that meet have grown unlike.</summary>
    private static Dictionary<string, TensorShape>? Shapes(Graph graph, int size)
    {
        var shapes = new Dictionary<string, TensorShape> { [graph.Input.Name] = graph.Input.Output.Shape with { H = size, W = size } };
        try
        {
            foreach (Node node in graph.Nodes.Where(node => node.Op is not Input))
            {
                shapes[node.Name] = node.Op.OutputShape(node.Name, [.. node.Inputs.Select(name => shapes[name])]);
            }

            return shapes;
        }
        catch (GraphException)
        {
            return null;
        }
    }

    private static (long Up, long Down) Times((long Up, long Down) fraction, int input, int output)
    {
        (long up, long down) = output <= input ? (fraction.Up, fraction.Down * Factor(input, output)) : (fraction.Up * Factor(output, input), fraction.Down);
        long common = Gcd(up, down);
        return (up / common, down / common);
    }

    /// <summary>How many times smaller one extent is; a convolution without padding takes some pixels away, which is no factor.</summary>
    private static long Factor(long large, long small) => (large + (small / 2)) / small;

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
