using System.Globalization;
using System.Runtime.InteropServices;
using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// Compares calibration images with those of training by what the first batch norm remembers: mean and variance of the first convolution's channels.
/// Images that were prepared otherwise (other colours, another range) give others.
/// </summary>
internal sealed class StemAudit : IDisposable
{
    /// <summary>Half of the channels off by more than this many standard deviations (images like those of training: below 0.3), or by this factor in variance, is no accident.</summary>
    private const double MostShift = 1;
    private const double MostRatio = 6;

    /// <summary>The most that the statistics' initial values may still weigh.</summary>
    private const double MostOfStart = 0.05;

    private readonly GraphModule _stem;
    private readonly float[] _mean;
    private readonly float[] _variance;
    private readonly double[] _sums;
    private readonly double[] _squares;
    private readonly float _eps;
    private double _images;

    private StemAudit(Network network, Node conv, Node norm)
    {
        _stem = new GraphModule(new Graph(network.Graph.Name, [network.Graph.Input, conv], [new GraphOutput("stem", conv.Name)]), network.Parameters);
        _stem.eval();
        _mean = network.Parameters[$"{norm.Name}.running_mean"];
        _variance = network.Parameters[$"{norm.Name}.running_var"];
        _eps = ((BatchNorm2d)norm.Op).Eps;
        (_sums, _squares) = (new double[_mean.Length], new double[_mean.Length]);
    }

    /// <summary>An audit of a float network; null where it does not begin with convolution and batch norm, or has not been trained long enough to remember.</summary>
    /// <param name="network">The float network, batch norm not folded.</param>
    /// <param name="steps">Steps of its training.</param>
    public static StemAudit? Of(Network network, long steps)
    {
        Node? norm = network.Graph.Nodes.FirstOrDefault(node => node.Op is BatchNorm2d);
        return norm is { Op: BatchNorm2d { Momentum: var momentum } } && network.Graph[norm.Inputs[0]] is { Op: Conv2d } conv && conv.Inputs[0] == network.Graph.Input.Name && Math.Pow(1 - momentum, steps) < MostOfStart
            ? new StemAudit(network, conv, norm)
            : null;
    }

    /// <summary>Looks at a batch of the network's input.</summary>
    public void Add(Tensor images)
    {
        long[] planes = [0, 2, 3];
        using Tensor values = _stem.Forward(images)[0];
        using Tensor mean = values.mean(planes);
        using Tensor product = values.mul(values);
        using Tensor square = product.mean(planes);
        Span<float> means = MemoryMarshal.Cast<byte, float>(mean.bytes), squares = MemoryMarshal.Cast<byte, float>(square.bytes);
        long count = images.shape[0];
        for (int channel = 0; channel < _sums.Length; channel++)
        {
            _sums[channel] += means[channel] * count;
            _squares[channel] += squares[channel] * count;
        }

        _images += count;
    }

    /// <summary>What is wrong; null for nothing.</summary>
    public string? Problem()
    {
        (double shift, double ratio) = Distance();
        return shift <= MostShift && ratio <= MostRatio ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The calibration images do not look like those of training: the first convolution's channels differ by {shift:0.0} standard deviations in the mean and by a factor of {ratio:0.0} in the variance (medians). Look at data_loader: the pack, and the transforms with which the float network was trained.");
    }

    /// <summary>The medians over channels: how many standard deviations the mean is off, and by which factor (at least 1) the variance.</summary>
    public ChannelDistance Distance()
    {
        double[] means = Array.ConvertAll(_sums, sum => sum / _images);
        return ChannelDistance.Of(means, [.. _squares.Zip(means, (square, mean) => (square / _images) - (mean * mean))], (_mean, _variance), _eps);
    }

    /// <inheritdoc/>
    public void Dispose() => _stem.Dispose();
}
