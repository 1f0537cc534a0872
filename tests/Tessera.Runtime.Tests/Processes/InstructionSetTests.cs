using Xunit.Abstractions;

namespace Tessera.Runtime.Tests.Processes;

/// <summary>
/// With an instruction set switched off, the right kernels are chosen and give the same bits. Each case first makes sure that its switch took
/// effect: .NET ignores one whose name it does not know.
/// </summary>
public class InstructionSetTests(ITestOutputHelper log)
{
    private static readonly Lazy<Task<ChildOutcome>> Unrestricted = new(() => TestChild.RunAsync(ChildJobs.Programs));

    [Fact]
    public async Task Without_any_switch_every_set_of_this_machine_gives_the_same_bits()
    {
        ChildOutcome child = await Unrestricted.Value;
        child.AssertDone();
        AssertRightSets(child);
        Assert.Single(Hashes(child).Distinct());
    }

    [Theory]
    [InlineData("EnableAVX512", "Avx512BW", "avx512")]
    [InlineData("EnableAVXVNNI", "AvxVnni", "avx-vnni")]
    [InlineData("EnableAVX2", "Avx512BW AvxVnni Avx2", "avx512 avx-vnni avx2")]
    [InlineData("EnableSSE42", "Avx512BW AvxVnni Avx2 Sse41", "avx512 avx-vnni avx2 sse4.1")]
    [InlineData("EnableHWIntrinsic", "Avx512BW AvxVnni Avx2 Sse41 Vector128", "avx512 avx-vnni avx2 sse4.1 vector128")]
    public async Task With_instructions_switched_off_the_others_give_the_same_bits(string variable, string instructions, string sets)
    {
        ChildOutcome all = await Unrestricted.Value, child = await TestChild.RunAsync(ChildJobs.Programs, ($"DOTNET_{variable}", "0"));
        all.AssertDone();
        child.AssertDone();
        foreach (string name in instructions.Split(' '))
        {
            Assert.Equal("False", child[name]);
            log.WriteLine(all[name] == "True" ? $"{variable} switched {name} off." : $"This machine has no {name}: {variable} shows nothing about it.");
        }

        Assert.Empty(sets.Split(' ').Intersect(child["sets"].Split(' ')));
        AssertRightSets(child);
        Assert.Equal(Hashes(all)[0], Assert.Single(Hashes(child).Distinct()));
    }

    // What the table of kernel sets ought to say of the instructions that the child found.
    private static void AssertRightSets(ChildOutcome child)
    {
        (string Set, bool Supported)[] expected =
        [
            ("avx-vnni", Has("AvxVnni") && Has("Avx2")), ("avx512", Has("Avx512BW")), ("avx2", Has("Avx2")), ("sse4.1", Has("Sse41")), ("vector128", Has("Vector128")), ("scalar", true),
        ];
        string[] supported = [.. expected.Where(entry => entry.Supported).Select(entry => entry.Set)];
        Assert.Equal(supported, child["sets"].Split(' '));
        Assert.Equal(supported[0], child["best"]);

        bool Has(string instructions) => bool.Parse(child[instructions]);
    }

    private static string[] Hashes(ChildOutcome child) => [.. child["sets"].Split(' ').Select(set => child[$"hash-of-{set}"])];
}
