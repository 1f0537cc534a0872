using System.Buffers.Binary;
using Tessera.Core;
using Xunit.Abstractions;

namespace Tessera.Runtime.Tests.Artefacts;

/// <summary>
/// Damages artefacts at random: a damaged one is refused with <see cref="BadFileException"/>, or it is a valid model that runs. Any other
/// exception fails the test; reading may not take memory that the file's size does not justify.
/// </summary>
public class ArtefactFuzzTests(ITestOutputHelper log)
{
    private static readonly uint[] Telling = [0, 1, 2, 3, 127, 128, 255, 256, 65535, 65536, 65537, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x3F800000, 0x7F800000, 0x7FC00000, 0x5F800001];

    [Fact]
    public void Damaged_artefacts_are_refused_or_run()
    {
        int mutants = Environment.GetEnvironmentVariable("TESSERA_LONG_TESTS") == "1" ? 100_000 : 2_000;
        byte[][] originals = [.. Enumerable.Range(0, 4).Select(seed => ArtefactWriter.ToBytes(RandomPrograms.Compiled(RandomPrograms.Small(seed, height: 2 + (2 * (seed % 2)), width: 2))))];
        var random = new Random(20261122);
        int ran = 0, refused = 0;
        for (int i = 0; i < mutants; i++)
        {
            byte[] mutant = Mutate(random, originals[random.Next(originals.Length)]);
            if (random.Next(4) != 0 && mutant.Length >= 56)
            {
                mutant = ArtefactTests.Resealed(mutant);
            }

            if (TryRun(mutant, i))
            {
                ran++;
            }
            else
            {
                refused++;
            }
        }

        log.WriteLine($"{mutants} mutants: {refused} refused, {ran} ran");
        Assert.True(ran > mutants / 20 && refused > mutants / 20, $"{ran} ran and {refused} were refused; the mutator reaches only one of both.");
    }

    private static bool TryRun(byte[] mutant, int number)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Artefact artefact;
        try
        {
            artefact = ArtefactReader.Parse(mutant, $"mutant {number}", ChecksumPolicy.Report);
        }
        catch (BadFileException)
        {
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000 + (50L * mutant.Length), $"mutant {number} took much memory");
            return false;
        }

        IntegerProgram program = artefact.Compiled.Program;
        sbyte[] image = RandomPrograms.Image(program, number);
        Assert.Null(ProgramComparison.FirstDifference(program, new CompiledModel(artefact.Compiled), image));
        return true;
    }

    private static byte[] Mutate(Random random, byte[] original)
    {
        byte[] mutant = [.. original];
        for (int changes = 1 << random.Next(4); changes > 0; changes--)
        {
            int at = random.Next(random.Next(8) == 0 ? 0 : Math.Min(56, mutant.Length - 1), mutant.Length);
            switch (random.Next(6))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 2 when at + 4 <= mutant.Length:
                    BinaryPrimitives.WriteUInt32LittleEndian(mutant.AsSpan(at), Telling[random.Next(Telling.Length)]);
                    break;
                case 3 when at + 4 <= mutant.Length:
                    BinaryPrimitives.WriteInt32LittleEndian(mutant.AsSpan(at), BinaryPrimitives.ReadInt32LittleEndian(mutant.AsSpan(at)) + random.Next(-2, 3));
                    break;
                case 4 when random.Next(4) == 0 && mutant.Length > 64:
                    int end = Math.Min(mutant.Length, at + random.Next(1, 16));
                    mutant = random.Next(2) == 0 ? [.. mutant[..at], .. mutant[end..]] : [.. mutant[..end], .. mutant[at..]];
                    break;
                default:
                    mutant[at]++;
                    break;
            }
        }

        return mutant;
    }
}
