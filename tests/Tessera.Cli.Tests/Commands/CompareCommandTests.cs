using Tessera.Graphs;

namespace Tessera.Cli.Tests.Commands;

/// <summary>Two checkpoints are the same in every bit, or it is said where they are not.</summary>
public sealed class CompareCommandTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_with_the_same_tensors_are_equal_whatever_they_say_of_themselves()
    {
        Cli run = Cli.Run(["compare", Write("a", [("w", [1, 2, 3])], "one"), Write("b", [("w", [1, 2, 3])], "two")]);
        Assert.Equal((0, "The files hold the same 1 tensors, in every bit.\n", ""), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public void Each_tensor_that_differs_is_named_with_how_much()
    {
        string a = Write("a", [("same", [1]), ("w", [1, -4, 3, 0]), ("longer", [1, 2]), ("gone", [1])]);
        string b = Write("b", [("same", [1]), ("w", [1, -4.5f, 3, -0f]), ("longer", [1, 2, 3]), ("new", [1])]);
        Cli run = Cli.Run(["compare", a, b]);
        Assert.Equal(4, run.ExitCode);
        Assert.Matches(@"w +2 +4 +0\.5 +0\.125", run.Output);
        Assert.Matches(@"longer +- +- +- +- +\[2\] and \[3\]", run.Output);
        Assert.Matches(@"gone .*only in the first", run.Output);
        Assert.Matches(@"new .*only in the second", run.Output);
        Assert.DoesNotContain("same ", run.Output);
        Assert.Contains($"4 tensors of {a} and {b} differ, the first of them w.", run.Error);
    }

    [Fact]
    public void A_file_that_is_none_is_refused()
    {
        string other = Path.Combine(_folder.Root, "x.safetensors");
        File.WriteAllText(other, "no tensors");
        Assert.Equal(3, Cli.Run(["compare", other, Write("a", [("w", [1])])]).ExitCode);
        Assert.Equal(3, Cli.Run(["compare", Write("a", [("w", [1])]), Path.Combine(_folder.Root, "absent")]).ExitCode);
        Assert.Equal(2, Cli.Run(["compare", other]).ExitCode);
    }

    private string Write(string name, (string Name, float[] Values)[] tensors, string remark = "")
    {
        string path = Path.Combine(_folder.Root, $"{name}.safetensors");
        new SafetensorsFile([.. tensors.Select(tensor => SafetensorsTensor.FromFloats(tensor.Name, [tensor.Values.Length], tensor.Values))], new Dictionary<string, string> { ["remark"] = remark }).Write(path);
        return path;
    }
}
