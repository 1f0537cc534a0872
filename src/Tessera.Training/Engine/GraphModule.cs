using System.Runtime.InteropServices;
using Tessera.Graphs;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Tessera.Training;

/// <summary>
/// Executes a graph on libtorch and owns its parameters and running statistics under the graph's names. A float graph runs in real numbers,
/// an annotated graph in the integer arithmetic of <see cref="Core.Int8Arithmetic"/> on integer-valued float tensors with straight-through gradients.
/// </summary>
/// <remarks>
/// Disposing a module ends the tensors that it made: the parameters where it was made from values, not those that it shares with another module.
/// Not safe for concurrent calls. <see cref="nn.Module.train"/> and <see cref="nn.Module.eval"/> choose how batch norm behaves.
/// </remarks>
public sealed class GraphModule : nn.Module
{
    private readonly Dictionary<string, Tensor> _tensors;
    private readonly List<Tensor> _constants = [];
    private readonly bool _isOwner;
    private KeptScalar?[] _outputScales;
    private StepQuantizer? _inSteps;

    /// <summary>Creates the module with a copy of the parameters' values.</summary>
    /// <param name="graph">The graph to execute, float or annotated.</param>
    /// <param name="parameters">A value for each of the graph's parameters; others are left out.</param>
    /// <exception cref="ArgumentException">A parameter is missing or has another size, or the graph is annotated in part.</exception>
    public GraphModule(Graph graph, ParameterSet parameters)
        : this(graph, Create(graph, parameters), isOwner: true)
    {
    }

    /// <summary>Creates a module that executes another graph with the same parameters, for example the deploy form of a training graph.</summary>
    /// <param name="graph">The graph to execute; its parameters are among the owner's.</param>
    /// <param name="owner">The module whose tensors are shared; it must outlive this one.</param>
    /// <exception cref="ArgumentException">The owner lacks a parameter.</exception>
    public GraphModule(Graph graph, GraphModule owner)
        : this(graph, Share(graph, owner), isOwner: false)
    {
    }

    private GraphModule(Graph graph, Dictionary<string, Tensor> tensors, bool isOwner)
        : base(nameof(GraphModule))
    {
        Graph = graph;
        _tensors = tensors;
        _isOwner = isOwner;
        if (isOwner)
        {
            Register(tensors); // what is registered is disposed with the module
        }

        IsQuantized = graph.Input.Output.Quant is not null;
        (_outputScales, Kernels) = Plan(graph);
    }

    /// <summary>The graph that is executed.</summary>
    public Graph Graph { get; private set; }

    /// <summary>True when the graph is annotated and runs the integer arithmetic.</summary>
    public bool IsQuantized { get; }

    /// <summary>The nodes, each of which can be run alone.</summary>
    internal KernelSequence Kernels { get; private set; }

    /// <summary>What the optimizer trains, in node order.</summary>
    public IEnumerable<(string Name, TorchParameter Tensor)> TrainedParameters =>
        Graph.Parameters.Where(parameter => parameter.IsTrained).Select(parameter => (parameter.Name, (TorchParameter)_tensors[parameter.Name]));

    /// <summary>Runs the graph.</summary>
    /// <param name="images">float32 N×3×H×W, int8 / 128; any batch size, and any image size that the network can take.</param>
    /// <returns>
    /// One tensor per graph output, in order, for the caller to dispose: logits in real units, contiguous float32 N×C×h×w,
    /// or a class map, int64 N×1×h×w, where the graph ends in an argmax.
    /// </returns>
    /// <exception cref="ArgumentException">The tensor is not of that kind.</exception>
    public Tensor[] Forward(Tensor images) => Run(images, null);

    /// <summary>Runs the graph and shows every node's output.</summary>
    /// <param name="images">As for <see cref="Forward"/>.</param>
    /// <param name="tap">
    /// Gets each node's name and output in order, contiguous planes: real values in a float graph, integer values (float32)
    /// in an annotated one. The handle lives during the call only; <c>detach()</c> keeps the values.
    /// </param>
    /// <returns>As <see cref="Forward"/>.</returns>
    /// <exception cref="ArgumentException">The tensor is not of that kind.</exception>
    public Tensor[] ForwardTapped(Tensor images, Action<string, Tensor> tap) => Run(images, tap);

    /// <summary>Rounds otherwise in training from now on.</summary>
    /// <param name="inSteps">How; it stays the caller's and must outlive the last training step.</param>
    internal void RoundInSteps(StepQuantizer inSteps)
    {
        _inSteps = inSteps;
        Rescale(Graph);
    }

    /// <summary>Executes the same nodes with other scales from now on; the parameters' tensors stay, and with them an optimizer made for them.</summary>
    /// <param name="annotated">The graph that is executed, with other scales.</param>
    internal void Rescale(Graph annotated)
    {
        Tensor[] before = [.. _constants];
        _constants.Clear();
        Graph = annotated;
        (_outputScales, Kernels) = Plan(annotated);
        foreach (Tensor constant in before)
        {
            constant.Dispose();
        }
    }

    /// <summary>A copy of all parameters and running statistics.</summary>
    public ParameterSet ToParameterSet()
    {
        var set = new ParameterSet();
        foreach (Graphs.Parameter parameter in Graph.Parameters)
        {
            set[parameter.Name] = ValuesOf(parameter.Name);
        }

        return set;
    }

    /// <summary>A copy of one parameter or running statistic.</summary>
    internal float[] ValuesOf(string parameter) => MemoryMarshal.Cast<byte, float>(_tensors[parameter].bytes).ToArray();

    /// <summary>Copies new values into the existing tensors, so that an optimizer made for them stays valid.</summary>
    /// <param name="parameters">A value for each of the graph's parameters.</param>
    /// <exception cref="ArgumentException">A parameter is missing or has another size; nothing has changed then.</exception>
    public void Load(ParameterSet parameters)
    {
        (Graphs.Parameter Parameter, float[] Values)[] all = [.. Graph.Parameters.Select(parameter => (parameter, ValuesOf(parameter, parameters)))];
        foreach ((Graphs.Parameter parameter, float[] values) in all)
        {
            _tensors[parameter.Name].bytes = MemoryMarshal.AsBytes(values.AsSpan());
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (Tensor tensor in _isOwner ? _constants.Concat(_tensors.Values) : _constants)
            {
                tensor.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private Tensor[] Run(Tensor images, Action<string, Tensor>? tap)
    {
        long[] shape = images.shape;
        if (images.dtype != ScalarType.Float32 || shape.Length != 4 || shape[1] != Graph.Input.Output.Shape.C)
        {
            throw new ArgumentException($"The network takes float32 images N x {Graph.Input.Output.Shape.C} x H x W; received {images.dtype} [{string.Join(", ", shape)}].", nameof(images));
        }

        Tensor[] outputs = Kernels.Run(images, training, tap);
        for (int i = 0; i < outputs.Length; i++)
        {
            if (_outputScales[i] is { } scale)
            {
                using Tensor integers = outputs[i];
                outputs[i] = integers.Times(scale);
            }
        }

        GC.KeepAlive(this); // holds the parameters whose handles libtorch has been working with
        return outputs;
    }

    private (KeptScalar?[] OutputScales, KernelSequence Kernels) Plan(Graph graph)
    {
        bool hasBatchNorm = graph.Nodes.Any(node => node.Op is BatchNorm2d);
        var kernels = new KernelSequence(graph, (node, overwritable) => node.Op.Accept<NodeKernel>(IsQuantized
            ? new IntegerKernels(graph, node, _tensors, _constants, _inSteps)
            : new FloatKernels(node, _tensors, overwritable, hasBatchNorm)));
        return ([.. graph.Outputs.Select(OutputScale)], kernels);
    }

    private void Register(Dictionary<string, Tensor> tensors)
    {
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (tensor is TorchParameter parameter)
            {
                register_parameter(name, parameter);
            }
            else
            {
                register_buffer(name, tensor);
            }
        }
    }

    // What a caller gets for an output: real units for logits, class ids as they are.
    private KeptScalar? OutputScale(GraphOutput output) =>
        IsQuantized && Graph[output.Value] is { Op: not ArgMax } node ? new KeptScalar(IntegerKernels.Scale(node)) : null;

    private static Dictionary<string, Tensor> Create(Graph graph, ParameterSet parameters)
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (Graphs.Parameter parameter in graph.Parameters)
        {
            // tensor() lays its values over the managed array, at any address; a copy lies where libtorch aligns it. The matrix products
            // of MKL round differently at different alignments, and training would not repeat to the bit.
            using Tensor managed = tensor(ValuesOf(parameter, parameters), [.. parameter.Shape.Select(size => (long)size)]);
            Tensor values = managed.clone();
            tensors.Add(parameter.Name, (parameter.IsTrained ? new TorchParameter(values, requires_grad: true) : values).DetachFromDisposeScope());
        }

        return tensors;
    }

    private static Dictionary<string, Tensor> Share(Graph graph, GraphModule owner) => graph.Parameters.ToDictionary(
        parameter => parameter.Name,
        parameter => owner._tensors.TryGetValue(parameter.Name, out Tensor? tensor)
            ? tensor
            : throw new ArgumentException($"The owner has no parameter {parameter.Name}.", nameof(owner)));

    private static float[] ValuesOf(Graphs.Parameter parameter, ParameterSet parameters) =>
        parameters.TryGet(parameter.Name, out float[]? values) && values.Length == parameter.Count
            ? values
            : throw new ArgumentException($"Parameter {parameter.Name} needs {parameter.Count} values; received {values?.Length ?? 0}.", nameof(parameters));
}
