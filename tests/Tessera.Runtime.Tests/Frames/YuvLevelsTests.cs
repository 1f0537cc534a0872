using System.Runtime.Intrinsics;

namespace Tessera.Runtime.Tests.Frames;

public class YuvLevelsTests
{
    [Fact]
    public void Vectors_give_the_plain_values_of_every_sample()
    {
        AssertVectors<SameLevels>();
        AssertVectors<StudioToFullLevels>();
        AssertVectors<FullToStudioLevels>();
    }

    [Fact]
    public void Levels_are_at_most_six_tenths_from_the_exact_quotient()
    {
        // Half a level is the rounding; the rest are coefficients of eight or nine bits.
        for (int sample = 0; sample < 256; sample++)
        {
            double luma = Math.Clamp(sample, 16, 235) - 16, chroma = Math.Clamp(sample, 16, 240) - 128;
            Assert.InRange(StudioToFullLevels.Luma(sample) + 128 - (luma * 255 / 219), -0.6, 0.6);
            Assert.InRange(StudioToFullLevels.Chroma(sample) - (chroma * 255 / 224), -0.6, 0.6);
            Assert.InRange(FullToStudioLevels.Luma(sample) + 128 - 16 - (sample * 219 / 255.0), -0.6, 0.6);
            Assert.InRange(FullToStudioLevels.Chroma(sample) - ((sample - 128) * 224 / 255.0), -0.6, 0.6);
        }
    }

    [Fact]
    public void Known_samples()
    {
        Assert.Equal([-128, 0, 127], new[] { 16, 126, 235 }.Select(StudioToFullLevels.Luma));
        Assert.Equal([-128, 127], new[] { 3, 250 }.Select(StudioToFullLevels.Luma));
        Assert.Equal([-128, 0, 127], new[] { 16, 128, 240 }.Select(StudioToFullLevels.Chroma));
        Assert.Equal([-112, 107], new[] { 0, 255 }.Select(FullToStudioLevels.Luma));
        Assert.Equal([-112, 0, 112], new[] { 0, 128, 255 }.Select(FullToStudioLevels.Chroma));
    }

    private static void AssertVectors<TLevels>()
        where TLevels : struct, IYuvLevels
    {
        byte[] samples = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        for (int i = 0; i < 256; i += 16)
        {
            Vector128<sbyte> luma = TLevels.Luma(Vector128.Create(samples, i)).AsSByte(), chroma = TLevels.Chroma(Vector128.Create(samples, i)).AsSByte();
            for (int lane = 0; lane < 16; lane++)
            {
                Assert.Equal(TLevels.Luma(i + lane), luma[lane]);
                Assert.Equal(TLevels.Chroma(i + lane), chroma[lane]);
            }
        }
    }
}
