using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime;

/// <summary>
/// The kernels for one kind of processor. Every set computes the same bits; they differ in speed. <see cref="All"/> is the one table that
/// dispatch, tests, benchmarks and <c>tessera doctor</c> read.
/// </summary>
public sealed class KernelSet
{
    private readonly Func<bool> _isSupported;
    private readonly ImmutableArray<KernelWidth> _widths;

    private KernelSet(string name, string description, Func<bool> isSupported, params ImmutableArray<KernelWidth> widths)
    {
        Name = name;
        Description = description;
        _isSupported = isSupported;
        _widths = widths;
    }

    /// <summary>All sets, the fastest first.</summary>
    public static ImmutableArray<KernelSet> All { get; } = CreateAll();

    /// <summary>The fastest set that this processor supports.</summary>
    public static KernelSet Best { get; } = All.First(set => set.IsSupported);

    /// <summary>What it is called on command lines and in tables.</summary>
    public string Name { get; }

    /// <summary>The instructions that it uses.</summary>
    public string Description { get; }

    /// <summary>Whether this process can execute it.</summary>
    public bool IsSupported => _isSupported();

    /// <summary>The set of that name.</summary>
    /// <exception cref="UsageException">There is none, or this processor does not support it.</exception>
    public static KernelSet Named(string name)
    {
        KernelSet set = All.FirstOrDefault(candidate => candidate.Name == name)
            ?? throw new UsageException($"There is no kernel set {name}; use one of {string.Join(", ", All.Select(candidate => candidate.Name))}.");
        return set.IsSupported ? set : throw new UsageException($"The kernel set {name} needs {set.Description}, which this processor or the settings of .NET do not offer; use {Best.Name}.");
    }

    /// <summary>The layers of a program that this set computes slowly, in the program's order; none for most programs.</summary>
    /// <param name="program">The program.</param>
    public ImmutableArray<SlowLayer> SlowLayers(IntegerProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return [.. from conv in program.Instructions.OfType<ConvInstruction>()
            let choice = Choose(conv, program.Tensors[conv.Input], program.Tensors[conv.Output], program.NonNegative[conv.Input])
            let why = choice.Slow
            where why is not null
            select new SlowLayer(conv.Name, choice.Name, why!)];
    }

    /// <summary>The kernel for a convolution: of the registers in which most products count.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    /// <param name="nonNegative">Whether all values of the input are 0..127, as behind a ReLU.</param>
    internal KernelChoice Choose(ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative)
    {
        string? why = _widths.IsEmpty ? "the set has no vector kernels"
            : conv.Requantization.IsFixedPoint ? $"it is compiled for a device that requantizes in integers ({conv.Requantization.Name}); vector kernels do it in float32"
            : RequantizedRange.StaysWithinInt32(conv) ? null
            : "its results may leave int32 before they are clamped, far beyond 127: a larger scale of its output would be fast (calibrate on pictures that show what the layer gives)";
        if (why is not null)
        {
            return new KernelChoice(ScalarConvKernel.KernelName, 1, () => new ScalarConvKernel(conv, input, output)) { Slow = why };
        }

        // Of equals the last: its registers are narrower and full.
        return _widths.Select(width => width.Conv(conv, input, output, nonNegative)).OfType<KernelChoice>().Reverse().MaxBy(choice => choice.Useful)!;
    }

    /// <summary>The kernel for a convolution, its weights packed.</summary>
    /// <inheritdoc cref="Choose"/>
    internal ConvRowKernel Conv(ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative) => Choose(conv, input, output, nonNegative).Make();

    /// <summary>The kernel for an upsampling.</summary>
    internal UpsampleRowKernel Upsample(UpsampleInstruction upsample, IntegerTensor input) => upsample switch
    {
        { Mode: UpsampleMode.Nearest } => new NearestUpsampleKernel(upsample, input),
        { RowFactor: 2, ColumnFactor: 2 } => _widths.Select(width => width.Upsample(input)).FirstOrDefault(kernel => kernel is not null) ?? new FactorUpsampleKernel(upsample, input),
        _ => new FactorUpsampleKernel(upsample, input),
    };

    /// <summary>The kernel for an argmax.</summary>
    internal ArgMaxRowKernel ArgMax(IntegerTensor input) =>
        _widths.IsEmpty ? new ScalarArgMaxKernel(input) : new ArgMaxKernel("vector128 argmax", input);

    private static ImmutableArray<KernelSet> CreateAll()
    {
        var avx512 = new KernelWidth<Vector512<byte>, Avx512Isa, PairwiseDot<Vector512<byte>, Avx512Isa>, Int16Dot<Vector512<byte>, Avx512Isa>>("avx512");
        var vnni = new KernelWidth<Vector256<byte>, Avx2Isa, VnniDot, VnniInt16Dot>("avx-vnni");
        var avx2 = new KernelWidth<Vector256<byte>, Avx2Isa, PairwiseDot<Vector256<byte>, Avx2Isa>, Int16Dot<Vector256<byte>, Avx2Isa>>("avx2");
        var sse41 = new KernelWidth<Vector128<byte>, Sse41Isa, PairwiseDot<Vector128<byte>, Sse41Isa>, Int16Dot<Vector128<byte>, Sse41Isa>>("sse4.1");
        var portable = new KernelWidth<Vector128<byte>, PortableIsa, PairwiseDot<Vector128<byte>, PortableIsa>, Int16Dot<Vector128<byte>, PortableIsa>>("vector128");

        // Processors with AVX-VNNI are faster with its 256 bits than with 512 bits of AVX-512BW.
        return
        [
            new KernelSet("avx-vnni", "AVX2 and AVX-VNNI, 256 bits", () => AvxVnni.IsSupported && Avx2.IsSupported, vnni, sse41),
            new KernelSet("avx512", "AVX-512 F and BW, 512 bits", () => Avx512BW.IsSupported && Vector512.IsHardwareAccelerated, avx512, avx2, sse41, new StemWidth()),
            new KernelSet("avx2", "AVX2, 256 bits", () => Avx2.IsSupported, avx2, sse41),
            new KernelSet("sse4.1", "SSE4.1, 128 bits", () => Sse41.IsSupported, sse41),
            new KernelSet("vector128", "128-bit registers of any kind", () => Vector128.IsHardwareAccelerated, portable),
            new KernelSet("scalar", "no vector registers", () => true),
        ];
    }
}

/// <summary>A layer that is computed slowly.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Kernel">The kernel that computes it.</param>
/// <param name="Why">Why it is slow, and what would be fast.</param>
public sealed record SlowLayer(string Name, string Kernel, string Why);
