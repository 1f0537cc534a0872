using System.Diagnostics;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Tests.Execution;
using Tessera.TestKit;
using Xunit.Abstractions;

namespace Tessera.Runtime.Tests.Artefacts;

/// <summary>
/// Damages artefacts at random: a damaged one is refused with <see cref="BadFileException"/>, or it is a valid model that runs and computes in
/// every layer what the reference executor does. Any other exception fails the test. Every file has a bound on the memory that it takes, and a generous
/// one on time, which finds a hang and nothing finer.
/// </summary>
public class ArtefactFuzzTests(ITestOutputHelper log)
{
    private const int MostMilliseconds = 600_000;
    private const long MostWork = 10_000_000; // multiply-adds and bytes; beyond, a valid model is only read and printed
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    private enum Outcome
    {
        Refused,
        Ran,
        TooLargeToRun,
    }

    [Fact(Timeout = MostMilliseconds)]
    public Task Damaged_artefacts_are_refused_or_run() => Task.Run(() =>
    {
        int mutants = Environment.GetEnvironmentVariable("TESSERA_LONG_TESTS") == "1" ? 100_000 : 2_000;
        (int Height, int Width)[] sizes = [(2, 2), (4, 2), (2, 4), (6, 10)];
        byte[][] originals =
        [
            .. sizes.Select((size, seed) => ArtefactWriter.ToBytes(SmallPrograms.Compiled(SmallPrograms.Small(seed, size.Height, size.Width)))),
            .. Enumerable.Range(0, 3).Select(seed => ArtefactWriter.ToBytes(ProgramMaker.Compiled(GraphPrograms.Moving(seed)))),
        ];
        var mutator = new ArtefactMutator(20261122, originals);
        var outcomes = new int[3];
        TimeSpan slowest = default;
        for (int i = 0; i < mutants; i++)
        {
            byte[] mutant = mutator.Next();
            long start = Stopwatch.GetTimestamp();
            outcomes[(int)TryRun(mutant, i)]++;
            TimeSpan taken = Stopwatch.GetElapsedTime(start);
            slowest = taken > slowest ? taken : slowest;
            Assert.True(taken < Hang, $"mutant {i} took {taken}");
        }

        log.WriteLine($"{mutants} mutants: {outcomes[0]} refused, {outcomes[1]} valid models that ran like the reference, {outcomes[2]} valid models too large to run; the slowest took {slowest.TotalMilliseconds:0} ms");
        Assert.True(outcomes[0] > mutants / 20 && outcomes[1] > mutants / 20, $"{outcomes[1]} ran and {outcomes[0]} were refused; the mutator reaches only one of both.");
    });

    [Fact]
    public void The_map_of_the_mutator_covers_an_artefact_to_its_last_byte()
    {
        byte[] file = ArtefactWriter.ToBytes(SmallPrograms.Compiled(SmallPrograms.Small(1)));
        ArtefactMap map = ArtefactMap.Of(file);
        Assert.Equal(5, map.Sections.Count);
        Assert.Equal(file.Length, map.Sections[^1].End);
        Assert.Equal([5, 9, 4, 4, 4, 4, 6, 6, 6, 6, 6, 6, 5, 5, 8, 2, 9], map.Lists.Select(list => list.Bounds.Count - 1));
    }

    private static long OtherOperations(IntegerProgram program, IntegerInstruction instruction) =>
        instruction.VectorOperations(program.Tensors[instruction.Inputs[0]], program.Tensors[instruction.Output]);

    private static Outcome TryRun(byte[] mutant, int number)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Artefact? artefact = null;
        try
        {
            artefact = ArtefactReader.Parse(mutant, $"mutant {number}", ChecksumPolicy.Report);
        }
        catch (BadFileException)
        {
            // Refused: what it took is judged below as for every other.
        }

        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken < 200_000 + (50L * mutant.Length), $"mutant {number} of {mutant.Length} bytes took {taken} bytes of memory");
        if (artefact is null)
        {
            return Outcome.Refused;
        }

        CompiledProgram compiled = artefact.Compiled;
        Assert.NotEmpty(ProgramText.Print(compiled));
        long work = compiled.Memory.ArenaBytes + compiled.Program.Instructions.Sum(instruction =>
            InstructionCost.Of(compiled.Program, instruction) is var cost ? cost.Macs + cost.TouchedBytes + OtherOperations(compiled.Program, instruction) : 0);
        if (work > MostWork)
        {
            return Outcome.TooLargeToRun;
        }

        Execute(compiled, number);
        return Outcome.Ran;
    }

    /// <summary>Executes it on one of this processor's kernel sets, in turn: layer by layer, then fused as a caller would.</summary>
    private static void Execute(CompiledProgram compiled, int number)
    {
        KernelSet[] sets = [.. KernelSet.All.Where(set => set.IsSupported)];
        sbyte[] image = SmallPrograms.Image(compiled.Program, number);
        using var model = new CompiledModel(compiled, new ExecutionOptions { Kernels = sets[number % sets.Length] });
        Assert.Null(ProgramComparison.FirstDifference(compiled.Program, model, image));
        ProgramOutputs expected = new ReferenceExecutor(compiled.Program).Run(image);
        foreach ((ProgramOutput right, ProgramOutput found) in expected.All.Zip(model.Run(image).All))
        {
            Assert.Equal(right.Name, found.Name);
            Assert.True(right.Tensor.IsClassMap ? right.ClassMap.SequenceEqual(found.ClassMap) : right.Logits.SequenceEqual(found.Logits), $"mutant {number}: {right.Name}");
        }
    }
}
