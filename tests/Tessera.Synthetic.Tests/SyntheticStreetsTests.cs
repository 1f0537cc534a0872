using System.Security.Cryptography;
using Tessera.Core;
using Tessera.Data;

namespace Tessera.Synthetic.Tests;

public sealed class SyntheticStreetsTests
{
    private static readonly SceneOptions Small = new() { Seed = 5, Height = 64, Width = 128 };

    [Fact]
    public void The_same_options_draw_the_same_bytes() => Assert.Equal(Hash(Small), Hash(Small with { }));

    /// <summary>The bytes are a promise to other machines; whoever changes the pictures changes this line in the same commit.</summary>
    [Fact]
    public void A_scene_is_the_same_on_every_machine() => Assert.Equal("40145792782CC2556624CEFD4495D0C1", Hash(new SceneOptions { Seed = 7, Split = "val", Index = 3, Height = 128, Width = 256 }));

    [Fact]
    public void Seed_split_and_index_each_give_another_scene()
    {
        SceneOptions[] all = [Small, Small with { Seed = 6 }, Small with { Split = "val" }, Small with { Index = 1 }, Small with { Index = 8 }];
        Assert.Equal(all.Length, all.Select(Hash).Distinct().Count());
    }

    [Fact]
    public void Every_pixel_has_a_label_that_Cityscapes_knows()
    {
        for (int i = 0; i < 20; i++)
        {
            (RgbImage image, byte[] labelIds) = SyntheticStreets.Draw(Small with { Index = i });
            Assert.Equal((64, 128, 64 * 128 * 3, 64 * 128), (image.Height, image.Width, image.Pixels.Length, labelIds.Length));
            Assert.All(labelIds, id => Assert.InRange(id, (byte)1, (byte)33));
        }
    }

    [Fact]
    public void A_scene_has_the_same_content_at_every_size()
    {
        for (int index = 0; index < 4; index++)
        {
            byte[] coarse = SyntheticStreets.Draw(Small with { Index = index }).LabelIds;
            byte[] fine = SyntheticStreets.Draw(Small with { Index = index, Height = 192, Width = 384 }).LabelIds;
            int same = 0;
            for (int y = 0; y < 64; y++)
            {
                for (int x = 0; x < 128; x++)
                {
                    // The coarse pixel's centre is that of the middle of its nine fine ones.
                    same += coarse[(y * 128) + x] == fine[(((y * 3) + 1) * 384) + (x * 3) + 1] ? 1 : 0;
                }
            }

            // Thin lines and gaps of fences are drawn as wide as a pixel, hence not all.
            Assert.InRange(same / (64.0 * 128), 0.85, 1);
        }
    }

    [Theory]
    [InlineData(63, 128, "train", 0, "height")]
    [InlineData(64, 0, "train", 0, "width")]
    [InlineData(64, 8192, "train", 0, "width")]
    [InlineData(64, 128, "test", 0, "test")]
    [InlineData(64, 128, "train", -1, "index")]
    public void Options_out_of_range_are_usage_errors_that_name_them(int height, int width, string split, int index, string named)
    {
        var options = new SceneOptions { Height = height, Width = width, Split = split, Index = index };
        Assert.Contains(named, Assert.Throws<UsageException>(() => SyntheticStreets.Draw(options)).Message);
    }

    [Fact]
    public void A_size_that_no_stride_divides_is_drawn_as_well()
    {
        (RgbImage image, byte[] labelIds) = SyntheticStreets.Draw(Small with { Height = 65, Width = 101 });
        Assert.Equal((65, 101, 65 * 101), (image.Height, image.Width, labelIds.Length));
        Assert.True(labelIds.Distinct().Count() > 3);
    }

    private static string Hash(SceneOptions options)
    {
        (RgbImage image, byte[] labelIds) = SyntheticStreets.Draw(options);
        return Convert.ToHexString(SHA256.HashData([.. image.Pixels, .. labelIds]))[..32];
    }
}
