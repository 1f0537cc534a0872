using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// What a block of output channels reads of a pixel: runs of values that lie side by side, each filled up to whole words with weights of zero, and the
/// weights in that order. A run is a kernel row over all channels where its taps touch each other, else one tap.
/// </summary>
internal sealed class DenseRuns
{
    private readonly ConvInstruction _conv;
    private readonly int _fanIn;
    private readonly int _perGroup;
    private readonly int _firstInput;
    private readonly int _inputs;
    private readonly int _tapsPerRun;

    /// <summary>Finds the runs.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="inputChannels">Channels of its input.</param>
    /// <param name="first">First output channel of the block.</param>
    /// <param name="count">Output channels of the block.</param>
    /// <param name="elementBytes">Bytes of an input element: 1 or 2.</param>
    /// <param name="lanes">Int32 lanes for each channel, which share its words: 1 or 2.</param>
    public DenseRuns(ConvInstruction conv, int inputChannels, int first, int count, int elementBytes, int lanes)
    {
        (_, ConvAxis columns, int groups) = conv.Geometry;
        _conv = conv;
        _fanIn = inputChannels / groups;
        _perGroup = conv.Bias.Length / groups;
        _firstInput = first / _perGroup * _fanIn;
        _inputs = (((first + count - 1) / _perGroup * _fanIn) + _fanIn) - _firstInput;
        _tapsPerRun = _inputs == inputChannels && columns.Dilation == 1 ? columns.Kernel : 1;
        int perLane = sizeof(int) / elementBytes, wordsPerRun = ((_tapsPerRun * _inputs) + (lanes * perLane) - 1) / (lanes * perLane);
        var positions = ImmutableArray.CreateBuilder<(int Row, int Offset)>();
        for (int tap = 0; tap < conv.Geometry.Area; tap += _tapsPerRun)
        {
            (int ky, int kx) = Math.DivRem(tap, columns.Kernel);
            int start = ((((kx * columns.Dilation) - columns.Padding) * inputChannels) + _firstInput) * elementBytes;
            positions.AddRange(Enumerable.Range(0, wordsPerRun).Select(word => (ky * conv.Geometry.Rows.Dilation, start + (word * lanes * sizeof(int)))));
        }

        Positions = positions.ToImmutable();
        int words = positions.Count, perChannel = words * lanes * perLane;
        Weights = new sbyte[count * perChannel];
        var arranged = new sbyte[perChannel];
        for (int channel = 0; channel < count; channel++)
        {
            Array.Clear(arranged);
            Arrange(first + channel, arranged, wordsPerRun * lanes * perLane);
            for (int i = 0; i < perChannel; i++)
            {
                (int word, int inWord) = Math.DivRem(i, lanes * perLane);
                (int lane, int element) = Math.DivRem(inWord, perLane);
                Weights[(((((channel * lanes) + lane) * words) + word) * perLane) + element] = arranged[i];
            }
        }
    }

    /// <summary>Where each word is: its row, counted from that of the first tap, and its bytes from pixel 0 of that row.</summary>
    public ImmutableArray<(int Row, int Offset)> Positions { get; }

    /// <summary>Output channel × its lane × word × element; zero where a channel does not read an element.</summary>
    public sbyte[] Weights { get; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Arrange(int channel, Span<sbyte> arranged, int runPitch)
    {
        int area = _conv.Geometry.Area, before = (channel / _perGroup * _fanIn) - _firstInput; // inputs of the block in front of those that the channel reads
        ReadOnlySpan<sbyte> weights = _conv.Weights.AsSpan(channel * _fanIn * area, _fanIn * area);
        for (int input = 0; input < _fanIn; input++)
        {
            for (int tap = 0; tap < area; tap++)
            {
                (int run, int place) = Math.DivRem(tap, _tapsPerRun);
                arranged[(run * runPitch) + (place * _inputs) + before + input] = weights[(input * area) + tap];
            }
        }
    }
}
