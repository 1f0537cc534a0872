namespace Tessera.Runtime.Tests.Kernels;

public class MovingKernelTests
{
    public static TheoryData<string> Sets => KernelSets.Names;

    [Theory]
    [MemberData(nameof(Sets))]
    public void Every_upsampling_equals_the_reference_in_every_element(string set)
    {
        string[] reached = [.. UpsampleCase.All.Select(testCase => testCase.Check(KernelSet.Named(set), RowPlace.AmongPoison)).Distinct()];
        Assert.Equal(set == "scalar", reached.Length == 2); // nearest, and one kernel for all factors
    }

    [Fact]
    public void Every_pooling_equals_the_reference_in_every_element() => Assert.All(PoolCase.All, testCase => testCase.Check(RowPlace.AmongPoison));

    [Theory]
    [MemberData(nameof(Sets))]
    public void Every_argmax_equals_the_reference_in_every_pixel(string set)
    {
        string[] reached = [.. ArgMaxCase.All.Select(testCase => testCase.Check(KernelSet.Named(set), RowPlace.AmongPoison)).Distinct()];
        Assert.Equal(set == "scalar", reached is ["scalar argmax"]);
    }
}
