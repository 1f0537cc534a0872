using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Training.Tests.Engine;

/// <summary>
/// The gradients of an annotated graph by their definition, in double precision and plain loops: rounding hands a gradient on, a clamp lets it pass where the value before it lies within the range, ends
/// included, and everything else is the transposed linear map of the operation. Values are planes C×H×W of one image.
/// </summary>
/// <param name="network">The annotated network.</param>
/// <param name="values">The integer value of every node.</param>
internal sealed class StraightThroughDefinition(Network network, IReadOnlyDictionary<string, float[]> values)
{
    private readonly Dictionary<string, double[]> _gradients = network.Graph.Nodes.ToDictionary(node => node.Name, node => new double[node.Output.Shape.Count]);

    /// <summary>Gradients by parameter name, and that of the real-valued image by the input's name.</summary>
    public Dictionary<string, double[]> Result { get; } = [];

    /// <summary>Elements of convolutions whose gradient a clamp ended, and those that it let through.</summary>
    public (long Ended, long Passed) Clamped { get; private set; }

    /// <summary>
    /// <c>s·∂L/∂s</c> of every scale by its name in a checkpoint, one node each: LSQ's <c>Σ ∂L/∂x̂·s·d</c>, d = q − z inside of the range and q at its ends; and the sum of the products' magnitudes.
    /// </summary>
    public Dictionary<string, (double Sum, double Magnitude)[]> ScaleGradients { get; } = [];

    /// <summary>The largest magnitude of each convolution's result behind its activation, in steps of its scale, before clamping and rounding.</summary>
    public Dictionary<string, double> Ranges { get; } = [];

    /// <summary>Goes back from the gradients of the real-valued outputs, by node name.</summary>
    public void Backward(IReadOnlyDictionary<string, double[]> outputs)
    {
        foreach ((string name, double[] gradient) in outputs)
        {
            Add(name, gradient, network.Graph.ValueOf(name).Quant!.Scale);
        }

        foreach (Node node in network.Graph.Nodes.Reverse())
        {
            double[] g = _gradients[node.Name];
            TensorShape to = node.Output.Shape, from = node.Inputs.Length > 0 ? network.Graph.ValueOf(node.Inputs[0]).Shape : default;
            switch (node.Op)
            {
                case Input:
                    Result[node.Name] = [.. g.Select(value => value / Int8Arithmetic.ImageScale)];
                    break;
                case Conv2d conv:
                    Convolution(node, conv, from, to, g);
                    break;
                case AvgPool2d pool:
                    Windows(from, to, pool.Rows, pool.Columns, (output, window) =>
                    {
                        window.ForEach(at => _gradients[node.Inputs[0]][at] += g[output] / window.Count);
                        AddScale(ScaleTable.ActivationKey(node.Name), 1, 0, g[output] * (values[node.Name][output] - window.Average(at => values[node.Inputs[0]][at])));
                    });
                    break;
                case MaxPool2d pool:
                    float[] x = values[node.Inputs[0]];
                    Windows(from, to, pool.Rows, pool.Columns, (output, window) => _gradients[node.Inputs[0]][window.MaxBy(at => x[at])] += g[output]); // the first of equals
                    break;
                case Concat:
                    int start = 0;
                    foreach (string input in node.Inputs)
                    {
                        int length = values[input].Length;
                        Add(input, g[start..(start + length)], 1);
                        start += length;
                    }

                    break;
                case Upsample upsample:
                    Upsampling(upsample, node, from, to, g);
                    break;
                case ArgMax:
                    break; // a step function
                default:
                    throw new NotSupportedException(node.Op.Mnemonic);
            }
        }
    }

    private void Convolution(Node node, Conv2d conv, TensorShape from, TensorShape to, double[] g)
    {
        string weightName = Conv2d.WeightName(node.Name), biasName = Conv2d.BiasName(node.Name);
        float[] weights = network.Parameters[weightName], biases = network.Parameters[biasName], x = values[node.Inputs[0]];
        float sx = Scale(node.Inputs[0]), sy = Scale(node.Name), r = conv.Residual ? node.Requantization.ResidualMultiplier(Scale(node.Inputs[1]), sy) : 0;
        double[] weightGradient = new double[weights.Length], biasGradient = new double[biases.Length], xGradient = _gradients[node.Inputs[0]];
        float[] scales = [.. node.WeightQuant!.Scales];
        int[] quantized = [.. weights.Select((w, i) => (int)Int8Arithmetic.QuantizeWeight(w, scales[i / conv.FanIn]))];
        int low = Int8Arithmetic.Low(conv.Activation), high = Int8Arithmetic.High(conv.Activation, sy);
        double end = conv.Activation.High is { } top && top / sy < 127 ? top / sy : double.NaN;
        var wholeGradient = new double[weights.Length];
        PlainLoops.Convolve(conv, from, to, (output, channel, taps) =>
        {
            float m = node.Requantization.Multiplier(sx, scales[channel], sy);
            double sum = Int8Arithmetic.QuantizeBias(biases[channel], sx, scales[channel]) + taps.Sum(tap => (double)x[tap.At] * quantized[tap.Tap]);
            float z = (float)sum * m;
            z = conv.Residual ? z + (values[node.Inputs[1]][output] * r) : z;

            double activated = conv.Activation.IsRelu ? Math.Clamp(z, 0, conv.Activation.High / sy ?? double.MaxValue) : Math.Abs(z);
            Ranges[node.Name] = Math.Max(Ranges.GetValueOrDefault(node.Name), activated);

            // Above its own end an activation is constant, and the quantizer reads that constant; elsewhere what lies outside of the range is q.
            double read = double.IsNaN(end) ? z : Math.Min(z, end);
            bool isInside = read >= low && (read <= high || !double.IsNaN(end));
            AddScale(ScaleTable.ActivationKey(node.Name), 1, 0, g[output] * (values[node.Name][output] - (isInside ? read : 0)));
            if (z < low || z > high)
            {
                Clamped = (Clamped.Ended + 1, Clamped.Passed);
                return;
            }

            Clamped = (Clamped.Ended, Clamped.Passed + 1);
            if (conv.Residual)
            {
                _gradients[node.Inputs[1]][output] += g[output] * r;
            }

            double inner = g[output] * m;
            biasGradient[channel] += inner / ((double)sx * scales[channel]);
            foreach ((int at, int tap) in taps)
            {
                xGradient[at] += inner * quantized[tap];
                wholeGradient[tap] += inner * x[at];
                weightGradient[tap] += weights[tap] / scales[channel] is >= Int8Arithmetic.Min and <= Int8Arithmetic.Max ? inner * x[at] / scales[channel] : 0;
            }
        });
        (Result[weightName], Result[biasName]) = (weightGradient, biasGradient);
        for (int tap = 0; tap < weights.Length; tap++)
        {
            int channel = tap / conv.FanIn;
            float z = weights[tap] / scales[channel];
            AddScale(ScaleTable.WeightKey(node.Name), scales.Length, channel, wholeGradient[tap] * (quantized[tap] - (z is >= Int8Arithmetic.Min and <= Int8Arithmetic.Max ? z : 0)));
        }
    }

    private void AddScale(string scale, int count, int channel, double term)
    {
        ScaleGradients.TryAdd(scale, new (double, double)[count]);
        (double sum, double magnitude) = ScaleGradients[scale][channel];
        ScaleGradients[scale][channel] = (sum + term, magnitude + Math.Abs(term));
    }

    private void Upsampling(Upsample upsample, Node node, TensorShape from, TensorShape to, double[] g)
    {
        string input = node.Inputs[0];
        for (int output = 0; output < g.Length; output++)
        {
            int c = output / (int)to.Pixels, y = output / to.W % to.H, x = output % to.W;
            double mean = 0;
            foreach ((int row, double rowWeight) in Taps(y, upsample.RowFactor, from.H))
            {
                foreach ((int column, double columnWeight) in Taps(x, upsample.ColumnFactor, from.W))
                {
                    int at = (((c * from.H) + row) * from.W) + column;
                    _gradients[input][at] += g[output] * rowWeight * columnWeight;
                    mean += values[input][at] * rowWeight * columnWeight;
                }
            }

            AddScale(ScaleTable.ActivationKey(node.Name), 1, 0, g[output] * (values[node.Name][output] - mean));
        }

        // Half-pixel centres, positions outside clamped to the edge.
        IEnumerable<(int Position, double Weight)> Taps(int position, int factor, int size)
        {
            if (upsample.Mode == Core.UpsampleMode.Nearest)
            {
                return [(position / factor, 1)];
            }

            double source = ((position + 0.5) / factor) - 0.5;
            int before = (int)Math.Floor(source);
            return [(Math.Clamp(before, 0, size - 1), 1 - (source - before)), (Math.Clamp(before + 1, 0, size - 1), source - before)];
        }
    }

    private static void Windows(TensorShape from, TensorShape to, ConvAxis rows, ConvAxis columns, Action<int, List<int>> visit)
    {
        for (int output = 0; output < to.Count; output++)
        {
            int c = output / (int)to.Pixels, top = (output / to.W % to.H * rows.Stride) - rows.Padding, left = (output % to.W * columns.Stride) - columns.Padding;
            visit(output,
            [
                .. from y in Enumerable.Range(top, rows.Kernel) where y >= 0 && y < @from.H
                   from x in Enumerable.Range(left, columns.Kernel) where x >= 0 && x < @from.W
                   select (((c * @from.H) + y) * @from.W) + x,
            ]);
        }
    }

    private void Add(string name, double[] gradient, double factor)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            _gradients[name][i] += gradient[i] * factor;
        }
    }

    private float Scale(string value) => network.Graph.ValueOf(value).Quant!.Scale;
}
