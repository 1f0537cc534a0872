namespace Tessera.Core.Tests;

public class TensorShapeTests
{
    [Fact]
    public void A_shape_prints_and_parses_back()
    {
        var shape = new TensorShape(4, 3, 1024, 2048);
        Assert.Equal("4x3x1024x2048", shape.ToString());
        Assert.True(TensorShape.TryParse("4x3x1024x2048", out TensorShape parsed));
        Assert.Equal(shape, parsed);
        Assert.Equal(4L * 3 * 1024 * 2048, shape.Count);
        Assert.Equal(1024L * 2048, shape.Pixels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1x3x4")]
    [InlineData("1x3x4x5x6")]
    [InlineData("1x3x4x0")]
    [InlineData("1x3x4x-5")]
    [InlineData("1x3x4x+5")]
    [InlineData("1x3x4x 5")]
    [InlineData("1x3x4x5 ")]
    [InlineData("1x3x4xfive")]
    [InlineData("1x3x4x99999999999")]
    [InlineData("1X3X4X5")]
    [InlineData("1,3,4,5")]
    public void Anything_else_is_no_shape(string text) => Assert.False(TensorShape.TryParse(text, out _));

    [Fact]
    public void A_count_does_not_overflow() =>
        Assert.Equal(65536L * 65536 * 256, new TensorShape(1, 256, 65536, 65536).Count);
}
