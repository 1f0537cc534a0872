namespace Tessera.Programs.Tests;

public class ReferenceArgMaxTests
{
    [Fact]
    public void The_smallest_index_wins_among_equals()
    {
        sbyte[] logits =
        [
            3, 7, 7, -1,
            -128, -128, -128, -128,
            127, 0, 127, 127,
            -5, -4, -3, -2,
        ];
        Assert.Equal(new byte[] { 1, 0, 0, 3 }, Run(logits, 4));
    }

    [Fact]
    public void One_channel_gives_class_0() => Assert.Equal(new byte[] { 0, 0, 0 }, Run([5, -128, 127], 1));

    [Fact]
    public void The_last_of_255_channels_is_class_254()
    {
        var logits = new sbyte[255];
        logits[254] = 1;
        Assert.Equal(new byte[] { 254 }, Run(logits, 255));
    }

    [Fact]
    public void Random_logits_give_the_first_of_the_largest()
    {
        var random = new Random(5);
        sbyte[] logits = [.. Enumerable.Range(0, 19 * 300).Select(_ => (sbyte)random.Next(-4, 5))];
        byte[] expected = [.. logits.Chunk(19).Select(pixel => (byte)Array.IndexOf(pixel, pixel.Max()))];
        Assert.Equal(expected, Run(logits, 19));
    }

    private static byte[] Run(sbyte[] logits, int channels)
    {
        var result = new byte[logits.Length / channels];
        ReferenceArgMax.Run(new IntegerTensor("x", 1, result.Length, channels, 0.1f), logits, result);
        return result;
    }
}
