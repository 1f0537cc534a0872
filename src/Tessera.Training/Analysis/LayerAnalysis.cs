using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Quantization.Analysis;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// Measures for every layer what quantizing it alone costs. The network runs in float once for each image and every value is kept; then each layer in turn gives its int8 output for
/// its float input, and what depends on it is run again. This is the exhaustive measurement and no prediction: only what cannot change is spared.
/// </summary>
public sealed class LayerAnalysis : IDisposable
{
    private readonly GraphModule _float;
    private readonly GraphModule _held;
    private readonly GraphModule _quantized;
    private readonly Layer[] _layers;
    private readonly IReadOnlyList<string> _classes;
    private readonly EvalSize _size;
    private readonly Score _floatScore;
    private readonly Score _quantizedScore;
    private readonly ClassFlips _flips;
    private readonly int _threads;
    private readonly int _map;
    private int _images;
    private long _mapPixels;

    /// <summary>Prepares the analysis of a network.</summary>
    /// <param name="annotated">A prepared network in deploy form with a scale on every activation and weight.</param>
    /// <param name="classes">A name per class.</param>
    /// <param name="size">The size at which predictions and labels are compared.</param>
    /// <exception cref="WorkException">libtorch cannot be loaded.</exception>
    public LayerAnalysis(Network annotated, IReadOnlyList<string> classes, EvalSize size)
    {
        TorchSetup.Initialize();
        _threads = get_num_threads();
        Graph real = annotated.Graph.Rewrite(static (node, _) => node with { Output = node.Output with { Quant = null }, WeightQuant = null, Requantization = Requantization.Float32 });
        (_classes, _size, _floatScore, _quantizedScore) = (classes, size, new Score(classes.Count), new Score(classes.Count));
        _flips = new ClassFlips(classes.Count);
        _map = real.Nodes.IndexOf(real[real.Outputs[0].Value]);
        _float = Module(real, annotated.Parameters);
        _held = Module(real, HeldParameters.Of(annotated));
        _quantized = Module(annotated.Graph, annotated.Parameters);
        _layers = [.. annotated.Graph.Nodes.Select((node, place) => (node, place)).Where(item => item.node.Op.Accept(RoundsAnew.Instance))
            .Select(item => new Layer(item.place, new LayerError(annotated, item.node), new SignalError(), new Score(classes.Count)))];
    }

    /// <summary>The number of layers that are measured.</summary>
    public int LayerCount => _layers.Length;

    /// <summary>Measures a batch.</summary>
    /// <param name="batch">Labelled images.</param>
    /// <param name="cancellation">Ends the measurement between layers.</param>
    /// <exception cref="WorkException">A value of the float network is NaN or infinite; the message names the node.</exception>
    public void Take(SegmentationBatch batch, CancellationToken cancellation = default)
    {
        using var noGradient = no_grad();
        int length = batch.Height * batch.Width * 3;
        TorchSetup.Initialize(new TorchOptions { Threads = 1 }); // of each operation
        try
        {
            for (int i = 0; i < batch.Count; i++)
            {
                using var scope = NewDisposeScope();
                Tensor image = BatchTensors.Images(batch.Images[(i * length)..((i + 1) * length)], 1, batch.Height, batch.Width);
                TakeImage(image, batch, i, cancellation);
                _images++;
            }
        }
        finally
        {
            TorchSetup.Initialize(new TorchOptions { Threads = _threads });
        }
    }

    /// <summary>What was found so far.</summary>
    /// <exception cref="BadFileException">No pixel of the images has a label.</exception>
    public AnalysisResult Result()
    {
        MetricTable measured = _floatScore.All(_classes);
        if (measured.PixelCount == 0)
        {
            throw new BadFileException($"None of the {_images} images has a labelled pixel, so there is no mIoU to lose. Give a validation pack with labels as val_data_loader.dataset.data_path.");
        }

        return new AnalysisResult(
            _images, _mapPixels, measured, _floatScore.Halves(_classes), _quantizedScore.All(_classes, _floatScore), _flips.Ranked(_classes),
            [.. _layers.Select(layer => new LayerResult(layer.Alone, layer.Accumulated, layer.Score.All(_classes, _floatScore), layer.Score.Halves(_classes, _floatScore), [.. layer.Score.Flipped]))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _float.Dispose();
        _held.Dispose();
        _quantized.Dispose();
    }

    private static GraphModule Module(Graph graph, ParameterSet parameters)
    {
        var module = new GraphModule(graph, parameters);
        module.eval();
        return module;
    }

    private void TakeImage(Tensor image, SegmentationBatch batch, int place, CancellationToken cancellation)
    {
        Tensor[] real = _float.Kernels.RunKeeping(image);
        Tensor mapTensor = real[_map];
        (byte[] map, int height, int width) = (ClassMap(mapTensor), (int)mapTensor.shape[2], (int)mapTensor.shape[3]);
        int half = _images % 2;
        Evaluation.ScoreImage(_floatScore.Counts[half], map, height, width, batch, place, _size);
        var labelled = new LabelledMap(map, height, width, batch, place, _size);
        _mapPixels += map.Length;
        Tensor[] integers = _quantized.Kernels.RunKeeping(image);
        byte[] integerMap = ClassMap(integers[_map]);
        _quantizedScore.Take(labelled, integerMap, half);
        _flips.Take(map, integerMap);
        try
        {
            // Layers are small and many: side by side they use the cores better than each of their operations could.
            var options = new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellation };
            Parallel.ForEach(Partitioner.Create(_layers, EnumerablePartitionerOptions.NoBuffering), options, layer => TakeLayer(layer, real, integers, labelled, half));
        }
        catch (AggregateException faults)
        {
            foreach (Layer layer in _layers)
            {
                layer.Alone.LargestOf(Pixels(real[layer.Place])); // of numbers that overflow the first node's message is the one that helps
            }

            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }

    private void TakeLayer(Layer layer, Tensor[] real, Tensor[] integers, LabelledMap labelled, int half)
    {
        using var noGradient = no_grad(); // a thread's own setting
        using var scope = NewDisposeScope();
        layer.Accumulated.Take(Pixels(real[layer.Place]), Pixels(integers[layer.Place]), layer.Alone.Node.Output.Quant!.Scale);
        Tensor output = layer.Alone.Node.Op is Conv2d ? Convolved(layer, real) : Moved(layer, real);
        layer.Score.Take(labelled, ClassMap(_float.Kernels.RunAfter(layer.Place, output, real)), half);
    }

    /// <summary>A convolution's int8 output, in real units, for its float input.</summary>
    private Tensor Convolved(Layer layer, Tensor[] real)
    {
        Tensor output = Interleaved(_held.Kernels.RunNode(layer.Place, real));
        layer.Alone.Take(Pixels(real[layer.Place]), Values(output));
        return output.permute(0, 3, 1, 2);
    }

    /// <summary>
    /// The output of an operation that keeps its input's scale. What int8 did to the input is the input's own error, so the operation reads int8 values; what it adds by rounding is
    /// added to the float output.
    /// </summary>
    private Tensor Moved(Layer layer, Tensor[] real)
    {
        Node node = layer.Alone.Node;
        int input = _float.Graph.Nodes.IndexOf(_float.Graph[node.Inputs[0]]);
        using var scale = tensor(node.Output.Quant!.Scale);
        var inputs = new Tensor?[real.Length];
        inputs[input] = IntegerKernels.RoundClamped(real[input].div(scale), IntegerKernels.Low, IntegerKernels.High).mul_(scale);
        Tensor expected = Interleaved(_float.Kernels.RunNode(layer.Place, inputs)), output = expected.clone();
        layer.Alone.Take(Values(expected), Values(output));
        return real[layer.Place].Plus(output.sub_(expected).permute(0, 3, 1, 2));
    }

    private static byte[] ClassMap(Tensor map) => map.to_type(ScalarType.Byte).contiguous().bytes.ToArray();

    /// <summary>The values with the channels of a pixel side by side: as the kernels leave them, or a copy.</summary>
    private static Tensor Interleaved(Tensor value) => value.permute(0, 2, 3, 1).contiguous();

    private static ReadOnlySpan<float> Pixels(Tensor value) => Values(Interleaved(value));

    private static Span<float> Values(Tensor interleaved) => MemoryMarshal.Cast<byte, float>(interleaved.bytes);

    private sealed record Layer(int Place, LayerError Alone, SignalError Accumulated, Score Score);

    /// <summary>Counts for the images at even and at odd places; those of a layer hold only what is different from float.</summary>
    private sealed class Score(int classes)
    {
        public ConfusionMatrix[] Counts { get; } = [new(classes), new(classes)];

        public long[] Flipped { get; } = new long[2];

        public void Take(LabelledMap labelled, byte[] map, int half) => Flipped[half] += labelled.Compare(map, Counts[half]);

        public MetricTable All(IReadOnlyList<string> names, Score? before = null) => Sum([.. Counts, .. before?.Counts ?? []]).ToTable(names);

        public ImmutableArray<MetricTable> Halves(IReadOnlyList<string> names, Score? before = null) =>
            [.. Counts.Select((counts, half) => Sum(before is null ? [counts] : [counts, before.Counts[half]]).ToTable(names))];

        private static ConfusionMatrix Sum(ConfusionMatrix[] parts)
        {
            var sum = new ConfusionMatrix(parts[0].Classes);
            foreach (ConfusionMatrix part in parts)
            {
                sum.Merge(part);
            }

            return sum;
        }
    }
}
