using System.Diagnostics;
using Tessera.Runtime;
using Tessera.Runtime.Kernels;

namespace Tessera.Benchmarks.Kernels;

/// <summary>One layer on one kernel set, with rows of its own.</summary>
internal sealed unsafe class KernelRun
{
    private const double SecondsPerRound = 0.001;

    private readonly KernelCase _layer;
    private readonly ConvRowKernel _kernel;
    private readonly AlignedBuffer[] _inputs;
    private readonly AlignedBuffer[] _outputs;
    private readonly AlignedBuffer? _residual;
    private readonly AlignedBuffer _scratch;
    private readonly int _padding;
    private int _calls = 1;

    /// <summary>Packs the weights and fills the rows.</summary>
    public KernelRun(KernelCase layer, KernelSet set)
    {
        _layer = layer;
        _kernel = set.Conv(layer.Conv, layer.Input, layer.Output, layer.NonNegative);
        _padding = layer.Conv.Geometry.Columns.Padding * layer.Input.Channels * _kernel.InputElementBytes;
        _scratch = new AlignedBuffer(_kernel.ScratchBytes);
        int values = layer.Input.Width * layer.Input.Channels;
        _inputs = new AlignedBuffer[layer.Conv.Geometry.Rows.Reach + ((_kernel.RowsAtOnce - 1) * layer.Conv.Geometry.Rows.Stride)];
        for (int row = 0; row < _inputs.Length; row++)
        {
            _inputs[row] = new AlignedBuffer((values * _kernel.InputElementBytes) + (2 * _padding) + ConvRow.Slack);
            Fill(_inputs[row].Pointer + _padding, values, new Random(row));
        }

        _residual = layer.Conv.Residual is null ? null : new AlignedBuffer((layer.Output.Width * layer.Output.Channels) + ConvRow.Slack);
        for (int i = 0; _residual is not null && i < layer.Output.Width * layer.Output.Channels; i++)
        {
            _residual.Pointer[i] = (byte)(i * 7);
        }

        _outputs = [.. Enumerable.Range(0, _kernel.RowsAtOnce).Select(_ => new AlignedBuffer((layer.Output.Width * layer.Output.Channels) + ConvRow.Slack))];
    }

    /// <summary>What the kernel is called.</summary>
    public string Kernel => _kernel.Name;

    /// <summary>Fails where the first row differs from that of another run.</summary>
    public void CompareWith(KernelRun other)
    {
        Call();
        other.Call();
        if (!Row().SequenceEqual(other.Row()))
        {
            throw new InvalidOperationException($"{_kernel.Name} differs from {other._kernel.Name} on {_layer.Name}.");
        }
    }

    /// <summary>Seconds for a row, the mean of a thousandth of a second: short, so that on a busy machine some rounds are not interrupted.</summary>
    public double Seconds()
    {
        while (true)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < _calls; i++)
            {
                Call();
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (seconds >= SecondsPerRound)
            {
                return seconds / _calls / _outputs.Length;
            }

            _calls *= 2;
        }
    }

    private Span<byte> Row() => new(_outputs[0].Pointer, (int)_outputs[0].Bytes - ConvRow.Slack);

    private void Call()
    {
        byte** rows = stackalloc byte*[_inputs.Length];
        for (int i = 0; i < _inputs.Length; i++)
        {
            rows[i] = _inputs[i].Pointer + _padding;
        }

        _kernel.Run(new ConvRow { Inputs = rows, Residual = _residual is null ? null : _residual.Pointer, Output = _outputs[0].Pointer, NextOutput = _outputs.Length == 2 ? _outputs[1].Pointer : null, Scratch = _scratch.Pointer });
    }

    private void Fill(byte* row, int values, Random random)
    {
        for (int i = 0; i < values; i++)
        {
            int value = random.Next(_layer.NonNegative ? 0 : -128, 128);
            if (_kernel.InputElementBytes == 1)
            {
                ((sbyte*)row)[i] = (sbyte)value;
            }
            else
            {
                ((short*)row)[i] = (short)value;
            }
        }
    }
}
