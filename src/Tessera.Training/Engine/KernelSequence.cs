using System.Collections.Immutable;
using Tessera.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>The nodes of a graph as kernels in order, each with the values that die after it.</summary>
internal sealed class KernelSequence
{
    private static readonly RunMode Keeping = new(IsTraining: false, MayOverwrite: false);

    private readonly ImmutableArray<Step> _steps;
    private readonly ImmutableArray<int> _outputs;

    /// <summary>Plans a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kernelOf">Makes a node's kernel; the flag says that the first input may be written over.</param>
    public KernelSequence(Graph graph, Func<Node, bool, NodeKernel> kernelOf)
    {
        Dictionary<string, int> index = graph.Nodes.Select((node, i) => (node.Name, i)).ToDictionary();
        _outputs = [.. graph.Outputs.Select(output => index[output.Value])];
        int[] lastUse = LastUses(graph, index);
        ILookup<int, int> dying = Enumerable.Range(0, lastUse.Length).Where(value => !_outputs.Contains(value)).ToLookup(value => lastUse[value]);
        var kernels = new NodeKernel[graph.Nodes.Length];
        _steps = [.. graph.Nodes.Select((node, i) =>
        {
            ImmutableArray<int> inputs = [.. node.Inputs.Select(input => index[input])];

            // Its only use: the gradient of another reader, which ran before, may need the value, and an output is the caller's.
            bool overwritable = inputs.Length > 0 && !kernels[inputs[0]].IsResultNeeded && graph.UseCount(node.Inputs[0]) == 1;
            kernels[i] = kernelOf(node, overwritable);
            return new Step(node.Name, kernels[i].Run, inputs, [.. dying[i]]);
        })];
    }

    /// <summary>Runs the plan.</summary>
    /// <param name="images">The input.</param>
    /// <param name="isTraining">Batch norm uses and updates statistics.</param>
    /// <param name="tap">Sees every node's output during the call.</param>
    /// <returns>The outputs in order; the caller disposes them.</returns>
    public Tensor[] Run(Tensor images, bool isTraining, Action<string, Tensor>? tap)
    {
        using DisposeScope scope = NewDisposeScope();
        var values = new Tensor[_steps.Length];
        var mode = new RunMode(isTraining, MayOverwrite: tap is null);
        for (int i = 0; i < _steps.Length; i++)
        {
            Step step = _steps[i];
            Tensor[] inputs = step.Inputs.Length == 0 ? [images] : [.. step.Inputs.Select(input => values[input])];
            values[i] = step.Kernel(inputs, mode);
            Show(values[i], step.Name, tap);

            // What a gradient needs stays alive inside libtorch; the handle is all that goes.
            foreach (int value in step.Dying)
            {
                if (!ReferenceEquals(values[value], values[i]))
                {
                    values[value].Dispose();
                }
            }
        }

        // Inside, channels lie last; callers get planes. The alias gives each output its own handle where two name one value.
        return [.. _outputs.Select(output => values[output].contiguous().alias().MoveToOuterDisposeScope())];
    }

    /// <summary>Runs the plan and keeps the value of every node.</summary>
    /// <param name="images">The input.</param>
    /// <returns>The values in node order, channels last in memory where the kernels leave them so; the caller disposes them.</returns>
    public Tensor[] RunKeeping(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        var values = new Tensor[_steps.Length];
        for (int i = 0; i < _steps.Length; i++)
        {
            values[i] = _steps[i].Inputs.Length == 0 ? _steps[i].Kernel([images], Keeping) : RunNode(i, values);
        }

        return [.. values.Select(value => value.MoveToOuterDisposeScope())];
    }

    /// <summary>Runs one node on the values of an earlier run, which stay as they are.</summary>
    /// <param name="node">Its place in the graph.</param>
    /// <param name="values">The values in node order; only those that it reads are looked at.</param>
    public Tensor RunNode(int node, IReadOnlyList<Tensor?> values) => _steps[node].Kernel([.. _steps[node].Inputs.Select(input => values[input]!)], Keeping);

    /// <summary>What the first output becomes when one node's value is another one: only what depends on that node is run again.</summary>
    /// <param name="node">The node's place in the graph.</param>
    /// <param name="value">Its other value.</param>
    /// <param name="values">The values of an earlier run, which stay as they are.</param>
    public Tensor RunAfter(int node, Tensor value, Tensor[] values)
    {
        using DisposeScope scope = NewDisposeScope();
        var changed = new Tensor?[_steps.Length];
        changed[node] = value;
        for (int i = node + 1; i < _steps.Length; i++)
        {
            Step step = _steps[i];
            if (!step.Inputs.Any(input => changed[input] is not null))
            {
                continue;
            }

            changed[i] = step.Kernel([.. step.Inputs.Select(input => changed[input] ?? values[input])], Keeping);
            foreach (int dying in step.Dying.Where(dying => dying != node && dying != i))
            {
                changed[dying]?.Dispose();
            }
        }

        Tensor output = changed[_outputs[0]] ?? values[_outputs[0]];
        return output.alias().MoveToOuterDisposeScope();
    }

    private static void Show(Tensor value, string name, Action<string, Tensor>? tap)
    {
        if (tap is not null)
        {
            using Tensor planes = value.contiguous();
            tap(name, planes);
        }
    }

    private static int[] LastUses(Graph graph, Dictionary<string, int> index)
    {
        int[] last = [.. Enumerable.Range(0, graph.Nodes.Length)];
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            foreach (string input in graph.Nodes[i].Inputs)
            {
                last[index[input]] = i;
            }
        }

        return last;
    }

    private readonly record struct Step(string Name, Kernel Kernel, ImmutableArray<int> Inputs, ImmutableArray<int> Dying);
}
