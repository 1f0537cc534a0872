using Tessera.Core;

namespace Tessera.Compiler.Tests;

public class OptLevelTests
{
    [Theory]
    [InlineData("0", OptLevel.O0)]
    [InlineData("1", OptLevel.O1)]
    [InlineData("2", OptLevel.O2)]
    [InlineData("O0", OptLevel.O0)]
    [InlineData("o2", OptLevel.O2)]
    public void A_level_is_read_as_users_write_it(string text, OptLevel level) => Assert.Equal(level, OptLevelParser.Parse(text));

    [Theory]
    [InlineData("3")]
    [InlineData("fast")]
    [InlineData("")]
    public void Another_level_is_an_error_that_lists_the_levels(string text)
    {
        string message = Assert.Throws<UsageException>(() => OptLevelParser.Parse(text)).Message;
        Assert.Contains($"\"{text}\"", message);
        Assert.Contains("0 (no memory reuse), 1 (memory reuse) or 2", message);
    }
}
