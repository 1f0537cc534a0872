using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>What the memory planner needs to know about a program: aligned sizes and lifetimes.</summary>
internal sealed class TensorFootprint
{
    /// <summary>Reads a program.</summary>
    /// <param name="program">The program, in the order in which it will be executed.</param>
    /// <param name="alignment">Offsets and sizes are multiples of this many bytes.</param>
    public TensorFootprint(IntegerProgram program, int alignment)
    {
        Lifetimes = TensorLifetime.Of(program);
        Sizes = [.. program.Tensors.Select(tensor => AlignUp(tensor.Count, alignment))];
    }

    /// <summary>From which to which instruction each tensor lives, by tensor index.</summary>
    public TensorLifetime[] Lifetimes { get; }

    /// <summary>Bytes of each tensor, rounded up to the alignment, by tensor index.</summary>
    public long[] Sizes { get; }

    /// <summary>The smallest multiple of <paramref name="multiple"/> that is not below <paramref name="value"/>.</summary>
    public static long AlignUp(long value, long multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>Bytes that live during each instruction; no plan for this order can have a smaller arena than their maximum.</summary>
    public long[] LiveBytes(int instructions)
    {
        var live = new long[instructions];
        for (int tensor = 0; tensor < Sizes.Length; tensor++)
        {
            int last = Math.Min(Lifetimes[tensor].Last, instructions - 1);
            for (int step = Math.Max(Lifetimes[tensor].First, 0); step <= last; step++)
            {
                live[step] += Sizes[tensor];
            }
        }

        return live;
    }
}
