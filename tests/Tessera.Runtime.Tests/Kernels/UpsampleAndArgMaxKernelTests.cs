namespace Tessera.Runtime.Tests.Kernels;

public class UpsampleAndArgMaxKernelTests
{
    public static TheoryData<string> Sets => KernelSets.Names;

    [Theory]
    [MemberData(nameof(Sets))]
    public void Every_upsampling_equals_the_reference_in_every_element(string set)
    {
        string[] reached = [.. UpsampleCase.All.Select(testCase => testCase.Check(KernelSet.Named(set), RowPlace.AmongPoison)).Distinct()];
        Assert.Equal(set == "scalar", reached is ["scalar upsampling"]);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Every_argmax_equals_the_reference_in_every_pixel(string set)
    {
        string[] reached = [.. ArgMaxCase.All.Select(testCase => testCase.Check(KernelSet.Named(set), RowPlace.AmongPoison)).Distinct()];
        Assert.Equal(set == "scalar", reached is ["scalar argmax"]);
    }
}
