using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>The augmentations that a configuration's <c>transforms</c> can name: one line each.</summary>
public static class Augmentations
{
    /// <summary>The table.</summary>
    public static RecipeTable<IAugmentation> Table { get; } = new(
        "augmentation",
        new Recipe<IAugmentation>("SegRandomAffine", keys => new SegRandomAffine(SegRandomAffineOptions.Read(keys))),
        new Recipe<IAugmentation>("RandomCrop", keys => new RandomCrop(RandomCropOptions.Read(keys))),
        new Recipe<IAugmentation>("RandomHorizontalFlip", RandomHorizontalFlip.Read),
        new Recipe<IAugmentation>("ColourJitter", keys => new ColourJitter(ColourJitterOptions.Read(keys))),
        new Recipe<IAugmentation>("CutOut", keys => new CutOut(CutOutOptions.Read(keys))),
        new Recipe<IAugmentation>("ClassBalancedCrop", ClassBalancedCrop.Read),
        new Recipe<IAugmentation>("GaussianBlur", keys => new GaussianBlur(GaussianBlurOptions.Read(keys))),
        new Recipe<IAugmentation>("GaussianNoise", keys => new GaussianNoise(GaussianNoiseOptions.Read(keys))),
        new Recipe<IAugmentation>("JpegCompression", keys => new JpegCompression(JpegCompressionOptions.Read(keys))));
}
