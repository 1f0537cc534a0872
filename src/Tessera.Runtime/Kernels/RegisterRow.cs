using System.Collections.Immutable;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// How the registers of a depthwise convolution lie on its rows. Where neighbouring output pixels have neighbouring inputs a row is one run of values: registers follow
/// each other across pixels, until their channels repeat. Else, and where that takes too many sets of weights, they begin anew with each pixel, and the last one of a pixel may reach
/// into the next.
/// </summary>
internal sealed class RegisterRow
{
    // Sets of weights that the first-level cache holds.
    private const int MostSets = 32;

    /// <summary>Lays out the registers.</summary>
    /// <param name="channels">Channels.</param>
    /// <param name="pixels">Output pixels of a row.</param>
    /// <param name="stride">Input pixels from one output pixel to the next.</param>
    /// <param name="lanes">Channels that a register holds.</param>
    public RegisterRow(int channels, int pixels, int stride, int lanes)
    {
        int shared = channels;
        for (int rest = lanes; rest != 0;)
        {
            (shared, rest) = (rest, shared % rest); // the greatest common divisor
        }

        int sets = channels / shared;
        if (stride == 1 && sets <= MostSets)
        {
            int period = sets * lanes;
            Usage = 1;
            (InputStep, OutputStep) = (period, period);
            Blocks = [.. Enumerable.Range(0, sets).Select(block => new RegisterBlock(block * lanes, ((pixels * channels) - (block * lanes) + period - 1) / period)).Where(block => block.Count > 0)];
        }
        else
        {
            int perPixel = (channels + lanes - 1) / lanes;
            Usage = (double)channels / (perPixel * lanes);
            (InputStep, OutputStep) = (stride * channels, channels);

            // The last comes first: what it writes into the next pixel is written over by the others.
            Blocks = [.. Enumerable.Range(0, perPixel).Reverse().Select(block => new RegisterBlock(block * lanes, pixels))];
        }
    }

    /// <summary>The part of the lanes that compute something.</summary>
    public double Usage { get; }

    /// <summary>The registers whose weights differ, in the order in which they are computed.</summary>
    public ImmutableArray<RegisterBlock> Blocks { get; }

    /// <summary>Elements in the input from a register to the next with the same weights.</summary>
    public int InputStep { get; }

    /// <summary>Elements in the output from a register to the next with the same weights.</summary>
    public int OutputStep { get; }
}

/// <summary>Registers of a row that have the same weights.</summary>
/// <param name="First">Where the first of them begins, in elements; its lanes hold the channels from there on, beginning again behind the last.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct RegisterBlock(int First, int Count);
