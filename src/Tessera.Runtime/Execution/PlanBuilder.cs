using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Execution;

/// <summary>Decides what is kept whole, groups the steps into stages, and gives every row a place.</summary>
/// <remarks>
/// A tensor that one step alone reads can live as a few rows in a ring. Where that step reads it row by row it always does. In front of a
/// 3×3 convolution it does so only if the whole tensor would not stay in the cache: bands of a stage make the rows at their border twice.
/// </remarks>
internal sealed class PlanBuilder(IntegerProgram program, KernelSet kernels, bool keepAll) : IInstructionVisitor<RowStep>
{
    // About half of a second-level cache: a whole tensor of this size is still there when it is read.
    private const long CacheBytes = 512 << 10;

    // Rows are asked for from step to step, each of which takes some of a thread's stack: files decide how many there are.
    private const int LongestChain = 64;

    private readonly ILookup<int, IntegerInstruction> _readers = program.Instructions
        .SelectMany(instruction => instruction.Inputs.Select(input => (input, instruction)))
        .ToLookup(pair => pair.input, pair => pair.instruction);

    /// <summary>The steps, in the program's order.</summary>
    public List<RowStep> Steps { get; } = [];

    /// <summary>The storages: the program's tensors, then the rows that were widened.</summary>
    public List<RowStorage> Storages { get; } = [];

    /// <summary>The stages.</summary>
    public List<ExecutionStage> Stages { get; } = [];

    /// <summary>Bytes of all whole tensors.</summary>
    public long SharedBytes { get; private set; }

    /// <summary>Builds the plan.</summary>
    public void Build()
    {
        for (int tensor = 0; tensor < program.Tensors.Length; tensor++)
        {
            Storages.Add(StorageOf(tensor));
        }

        BreakLongChains();
        AddStep(new ImageStep(program.Input.Name, 0));
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            AddStep(instruction.Accept(this));
        }

        foreach ((int ring, int rows) in Steps.SelectMany(step => step.Inputs).Where(input => Storages[input.Storage].IsRing).ToArray())
        {
            SizeRing(ring, rows);
        }

        foreach (RowStep step in Steps.Where(step => !Storages[step.Output].IsRing))
        {
            AddStage(step);
        }

        PlaceRings();
        PlaceWhole();
    }

    private RowStorage StorageOf(int index)
    {
        IntegerTensor tensor = program.Tensors[index];
        IntegerInstruction[] readers = [.. _readers[index]];
        int padding = readers.Select(reader => reader.SidePadding(index)).DefaultIfEmpty(0).Max();
        int rows = readers.Select(reader => reader.RowsRead(index)).DefaultIfEmpty(1).Max();
        bool ring = readers.Length == 1
            && program.Outputs.All(output => output.Tensor != index)
            && (index == 0 || (!keepAll && (rows <= 2 || tensor.Count > CacheBytes)));
        return new RowStorage(tensor.Height, tensor.Width * tensor.Channels, padding * tensor.Channels, tensor.Height, 0, 0, ring);
    }

    /// <summary>Keeps tensors whole that would otherwise stand in a longer chain of rings than a stack ought to hold.</summary>
    private void BreakLongChains()
    {
        var chains = new int[Storages.Count];
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            int chain = 1 + instruction.Inputs.Max(input => Storages[input].IsRing ? chains[input] : 0);
            chains[instruction.Output] = chain;
            if (chain >= LongestChain)
            {
                Storages[instruction.Output] = Storages[instruction.Output] with { IsRing = false };
            }
        }
    }

    /// <inheritdoc/>
    public RowStep Visit(ConvInstruction conv)
    {
        IntegerTensor input = program.Tensors[conv.Input], output = program.Tensors[conv.Output];
        ConvRowKernel kernel = kernels.Conv(conv, input, output, program.NonNegative[conv.Input]);
        int source = kernel.InputElementBytes == 1 ? conv.Input : Widened(conv, input, kernel.InputElementBytes);
        return new ConvStep(conv.Name, kernel, conv, source, conv.Residual, conv.Output, input.Height, output.Width * output.Channels);
    }

    /// <inheritdoc/>
    public RowStep Visit(UpsampleInstruction upsample) =>
        new UpsampleStep(upsample, kernels.Upsample(upsample, program.Tensors[upsample.Input]), program.Tensors[upsample.Input].Height);

    /// <inheritdoc/>
    public RowStep Visit(AveragePoolInstruction pool) => Pool(pool, new AveragePoolKernel(pool, program.Tensors[pool.Input], program.Tensors[pool.Output]));

    /// <inheritdoc/>
    public RowStep Visit(MaxPoolInstruction pool) => Pool(pool, new MaxPoolKernel(pool, program.Tensors[pool.Input], program.Tensors[pool.Output]));

    /// <inheritdoc/>
    public RowStep Visit(ConcatInstruction concat) => new ConcatStep(concat, [.. concat.Parts.Select(part => program.Tensors[part].Channels)], program.Tensors[concat.Output].Width);

    /// <inheritdoc/>
    public RowStep Visit(ArgMaxInstruction argMax) => new ArgMaxStep(argMax.Name, kernels.ArgMax(program.Tensors[argMax.Input]), argMax.Input, argMax.Output);

    private PoolStep Pool(PoolInstruction pool, PoolRowKernel kernel) => new(pool, kernel, program.Tensors[pool.Input].Height);

    /// <summary>Adds a ring of widened rows between a tensor and a convolution.</summary>
    private int Widened(ConvInstruction conv, IntegerTensor input, int elementBytes)
    {
        int count = input.Width * input.Channels;
        Storages.Add(new RowStorage(input.Height, checked(count * elementBytes), checked(conv.Geometry.Columns.Padding * input.Channels * elementBytes), input.Height, 0, 0, IsRing: true));
        AddStep(new WidenStep(conv.Name, conv.Input, Storages.Count - 1, count));
        return Storages.Count - 1;
    }

    private void AddStep(RowStep step)
    {
        Storages[step.Output] = Storages[step.Output] with { Producer = Steps.Count };
        Steps.Add(step);
    }

    /// <summary>A ring holds what its reader needs at once, and what its maker may make beyond that.</summary>
    private void SizeRing(int ring, int rowsRead)
    {
        RowStorage storage = Storages[ring];
        Storages[ring] = storage with { Capacity = Math.Min(rowsRead + Steps[storage.Producer].RowsAtOnce - 1, storage.Height) };
    }

    private void AddStage(RowStep final)
    {
        int stage = Stages.Count;
        var rings = new List<int>();
        int overlap = Collect(final, rings);
        foreach (int storage in rings.Append(final.Output))
        {
            Storages[storage] = Storages[storage] with { Stage = stage };
        }

        Stages.Add(new ExecutionStage(Storages[final.Output].Producer, Storages[final.Output].Height, [.. rings], overlap));
    }

    /// <summary>Finds the rings in front of a step; returns the longest chain of them that need several rows.</summary>
    private int Collect(RowStep step, List<int> rings)
    {
        int longest = 0;
        foreach ((int storage, int rows) in step.Inputs.Where(input => Storages[input.Storage].IsRing))
        {
            rings.Add(storage);
            longest = Math.Max(longest, Collect(Steps[Storages[storage].Producer], rings) + (rows > 1 ? 1 : 0));
        }

        return longest;
    }

    /// <summary>The rings of a stage lie one behind the other; those of other stages lie in the same place.</summary>
    private void PlaceRings()
    {
        foreach (ExecutionStage stage in Stages)
        {
            long offset = 0;
            foreach (int ring in stage.Rings)
            {
                Storages[ring].Offset = offset;
                offset += Storages[ring].Bytes;
            }
        }
    }

    private void PlaceWhole()
    {
        int[] whole = [.. Enumerable.Range(0, Storages.Count).Where(storage => !Storages[storage].IsRing)];
        TensorLifetime[] lifetimes = [.. whole.Select(Lifetime)];
        long[] sizes = [.. whole.Select(storage => Storages[storage].Bytes)];
        long[] offsets = ArenaPlacement.GreedyBySize(sizes, lifetimes);
        for (int i = 0; i < whole.Length; i++)
        {
            Storages[whole[i]].Offset = offsets[i];
            SharedBytes = Math.Max(SharedBytes, offsets[i] + sizes[i]);
        }
    }

    private TensorLifetime Lifetime(int storage)
    {
        int made = Storages[storage].Stage;
        bool kept = keepAll || program.Outputs.Any(output => output.Tensor == storage);
        int last = Steps.Where(step => step.Inputs.Any(input => input.Storage == storage)).Select(step => Storages[step.Output].Stage).Append(made).Max();
        return new TensorLifetime(made, kept ? Stages.Count : last);
    }
}
