namespace Tessera.Data.Tests.Packs;

public sealed class Crc32CTests
{
    [Fact]
    public void The_check_value_of_the_catalogue_and_the_examples_of_RFC_3720()
    {
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0u, Crc32C.Of([]));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    [Theory]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(4127)]
    [InlineData(50_021)]
    public void Parts_taken_at_once_give_the_checksum_of_the_whole(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        uint remainder = uint.MaxValue;
        foreach (byte value in bytes)
        {
            remainder ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                remainder = (remainder >> 1) ^ ((remainder & 1) * 0x82F63B78);
            }
        }

        Assert.Equal(~remainder, Crc32C.Of(bytes));
    }
}
