namespace Tessera.Core.Tests;

public sealed class ClassNamesTests
{
    [Theory]
    [InlineData("a b c", "a b c", null)]
    [InlineData("a b c", "zebra apple moon", "class 0 is 'a' in the file and 'zebra' in the configuration")]
    [InlineData("a b c", "a c b", "class 1 is 'b' in the file and 'c' in the configuration")]
    [InlineData("a b", "a B", "class 1 is 'b' in the file and 'B' in the configuration")]
    [InlineData("a b", "a b c", "the file has 2 classes and the configuration 3")]
    public void Names_and_their_order_are_compared(string file, string configuration, string? difference) =>
        Assert.Equal(difference, ClassNames.FirstDifference(file.Split(' '), "the file", configuration.Split(' '), "the configuration"));
}
