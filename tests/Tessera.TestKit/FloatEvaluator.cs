using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.TestKit;

/// <summary>
/// Evaluates a float graph in inference mode with plain loops in double precision: the slow, independent reference
/// that libtorch and ONNX results are compared with. Tensors are N×C×H×W, row-major.
/// </summary>
public static class FloatEvaluator
{
    /// <summary>All values of the graph by name.</summary>
    public static Dictionary<string, double[]> Run(Network network, double[] image)
    {
        var values = new Dictionary<string, double[]>();
        foreach (Node node in network.Graph.Nodes)
        {
            double[][] inputs = [.. node.Inputs.Select(input => values[input])];
            TensorShape source = node.Inputs.Length > 0 ? network.Graph.ValueOf(node.Inputs[0]).Shape : default;
            values[node.Name] = node.Op switch
            {
                Input => image,
                Conv2d conv => Convolve(conv, node, source, inputs, network.Parameters),
                BatchNorm2d norm => Normalize(norm, node, inputs[0], network.Parameters),
                Relu relu => [.. inputs[0].Select(x => Activated(relu.Activation, x))],
                Add => [.. inputs[0].Zip(inputs[1], (a, b) => a + b)],
                AvgPool2d pool => Pool(source, node.Output.Shape, inputs[0], pool.Rows, pool.Columns, window => window.Average()),
                MaxPool2d pool => Pool(source, node.Output.Shape, inputs[0], pool.Rows, pool.Columns, window => window.Max()),
                Concat => Concatenate([.. node.Inputs.Select(input => network.Graph.ValueOf(input).Shape)], inputs),
                Upsample upsample => Upsampled(upsample, source, inputs[0]),
                ArgMax => LargestChannel(source, inputs[0]),
                _ => throw new NotSupportedException(node.Op.Mnemonic),
            };
        }

        return values;
    }

    private static double[] Convolve(Conv2d conv, Node node, TensorShape input, double[][] inputs, ParameterSet parameters)
    {
        TensorShape output = node.Output.Shape;
        float[] weight = parameters[Conv2d.WeightName(node.Name)], bias = parameters[Conv2d.BiasName(node.Name)];
        (ConvAxis rows, ConvAxis columns, int groups) = conv.Geometry;
        int groupInputs = conv.InChannels / groups, groupOutputs = conv.OutChannels / groups;
        var result = new double[output.Count];
        for (int n = 0, at = 0; n < output.N; n++)
        {
            for (int c = 0; c < output.C; c++)
            {
                for (int y = 0; y < output.H; y++)
                {
                    for (int x = 0; x < output.W; x++, at++)
                    {
                        double sum = bias[c];
                        for (int i = 0; i < groupInputs; i++)
                        {
                            int channel = (c / groupOutputs * groupInputs) + i;
                            for (int ky = 0; ky < rows.Kernel; ky++)
                            {
                                for (int kx = 0; kx < columns.Kernel; kx++)
                                {
                                    int sy = (y * rows.Stride) + (ky * rows.Dilation) - rows.Padding, sx = (x * columns.Stride) + (kx * columns.Dilation) - columns.Padding;
                                    if (sy >= 0 && sy < input.H && sx >= 0 && sx < input.W)
                                    {
                                        sum += weight[(((((c * groupInputs) + i) * rows.Kernel) + ky) * columns.Kernel) + kx]
                                            * inputs[0][(((((n * input.C) + channel) * input.H) + sy) * input.W) + sx];
                                    }
                                }
                            }
                        }

                        sum += conv.Residual ? inputs[1][at] : 0;
                        result[at] = Activated(conv.Activation, sum);
                    }
                }
            }
        }

        return result;
    }

    private static double Activated(Activation activation, double x) =>
        activation.IsRelu ? Math.Clamp(x, 0, activation.High ?? double.PositiveInfinity) : x;

    private static double[] Normalize(BatchNorm2d norm, Node node, double[] input, ParameterSet parameters)
    {
        float[] gamma = parameters[$"{node.Name}.weight"], beta = parameters[$"{node.Name}.bias"];
        float[] mean = parameters[$"{node.Name}.running_mean"], variance = parameters[$"{node.Name}.running_var"];
        long pixels = node.Output.Shape.Pixels;
        return [.. input.Select((x, i) =>
        {
            long c = i / pixels % norm.Channels;
            return ((x - mean[c]) / Math.Sqrt((double)variance[c] + norm.Eps) * gamma[c]) + beta[c];
        })];
    }

    private static double[] Pool(TensorShape input, TensorShape output, double[] values, ConvAxis rows, ConvAxis columns, Func<IEnumerable<double>, double> reduce)
    {
        var result = new double[output.Count];
        for (int i = 0; i < result.Length; i++)
        {
            int x = i % output.W, y = i / output.W % output.H, plane = i / output.W / output.H;
            result[i] = reduce(
                from row in Enumerable.Range((y * rows.Stride) - rows.Padding, rows.Kernel)
                from column in Enumerable.Range((x * columns.Stride) - columns.Padding, columns.Kernel)
                where row >= 0 && row < input.H && column >= 0 && column < input.W
                select values[(((plane * input.H) + row) * input.W) + column]);
        }

        return result;
    }

    private static double[] Concatenate(TensorShape[] shapes, double[][] inputs) =>
    [
        .. from n in Enumerable.Range(0, shapes[0].N)
           from input in shapes.Index()
           let image = input.Item.C * (int)input.Item.Pixels
           from value in inputs[input.Index].Skip(n * image).Take(image)
           select value,
    ];

    private static double[] Upsampled(Upsample upsample, TensorShape input, double[] values)
    {
        int height = input.H * upsample.RowFactor, width = input.W * upsample.ColumnFactor;
        var result = new double[values.Length * upsample.RowFactor * upsample.ColumnFactor];
        for (int plane = 0; plane < input.N * input.C; plane++)
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    double sy = Math.Clamp(((y + 0.5) / upsample.RowFactor) - 0.5, 0, input.H - 1), sx = Math.Clamp(((x + 0.5) / upsample.ColumnFactor) - 0.5, 0, input.W - 1);
                    int y0 = (int)sy, x0 = (int)sx, y1 = Math.Min(y0 + 1, input.H - 1), x1 = Math.Min(x0 + 1, input.W - 1);
                    double fy = sy - y0, fx = sx - x0;
                    double At(int row, int column) => values[(((plane * input.H) + row) * input.W) + column];
                    result[(((plane * height) + y) * width) + x] = upsample.Mode == UpsampleMode.Nearest
                        ? At(y / upsample.RowFactor, x / upsample.ColumnFactor)
                        : ((1 - fy) * (((1 - fx) * At(y0, x0)) + (fx * At(y0, x1)))) + (fy * (((1 - fx) * At(y1, x0)) + (fx * At(y1, x1))));
                }
            }
        }

        return result;
    }

    private static double[] LargestChannel(TensorShape input, double[] values)
    {
        var result = new double[input.N * input.Pixels];
        for (int n = 0; n < input.N; n++)
        {
            for (long pixel = 0; pixel < input.Pixels; pixel++)
            {
                int best = 0;
                for (int c = 1; c < input.C; c++)
                {
                    if (values[(((n * input.C) + c) * input.Pixels) + pixel] > values[(((n * input.C) + best) * input.Pixels) + pixel])
                    {
                        best = c;
                    }
                }

                result[(n * input.Pixels) + pixel] = best;
            }
        }

        return result;
    }
}
