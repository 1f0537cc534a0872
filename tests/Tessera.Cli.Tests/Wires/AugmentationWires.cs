using System.Security.Cryptography;
using Tessera.Cli.Pipeline;
using Tessera.Data;

namespace Tessera.Cli.Tests.Wires;

/// <summary>Every key of every augmentation: with it the configuration makes the library's augmentation of that setting, which changes an image otherwise.</summary>
internal static class AugmentationWires
{
    private static readonly SegRandomAffineOptions Affine = new() { PerImage = false };
    private static readonly ColourJitterOptions Jitter = new();

    public static IEnumerable<KeyWire> All =>
    [
        Wire("SegRandomAffine", "scale", "[1.25, 1.5]", new SegRandomAffine(Affine), new SegRandomAffine(Affine with { MinScale = 1.25, MaxScale = 1.5 })),
        Wire("SegRandomAffine", "angle", "[5, 10]", new SegRandomAffine(Affine), new SegRandomAffine(Affine with { MinAngle = 5, MaxAngle = 10 })),
        Wire("SegRandomAffine", "translate", "[0.25, 0.5]", new SegRandomAffine(Affine), new SegRandomAffine(Affine with { TranslateX = 0.25, TranslateY = 0.5 })),
        Wire("SegRandomAffine", "shear_x", "[5, 10]", new SegRandomAffine(Affine), new SegRandomAffine(Affine with { MinShearX = 5, MaxShearX = 10 })),
        Wire("SegRandomAffine", "shear_y", "[5, 10]", new SegRandomAffine(Affine), new SegRandomAffine(Affine with { MinShearY = 5, MaxShearY = 10 })),
        Wire("SegRandomAffine", "per_image", "true", new SegRandomAffine(Affine), new SegRandomAffine(Affine with { PerImage = true })),
        Wire("RandomCrop", "area", "[0.1, 0.2]", new RandomCrop(new()), new RandomCrop(new() { MinArea = 0.1, MaxArea = 0.2 })),
        Wire("RandomCrop", "ratio", "[2, 3]", new RandomCrop(new()), new RandomCrop(new() { MinRatio = 2, MaxRatio = 3 })),
        Wire("RandomCrop", "per_image", "false", new RandomCrop(new()), new RandomCrop(new() { PerImage = false })),
        Wire("RandomHorizontalFlip", "probability", "1", new RandomHorizontalFlip(), new RandomHorizontalFlip(1)),
        Wire("RandomHorizontalFlip", "per_image", "false", new RandomHorizontalFlip(), new RandomHorizontalFlip(perImage: false)),
        Wire("ColourJitter", "brightness", "0.5", new ColourJitter(Jitter), new ColourJitter(Jitter with { Brightness = 0.5 })),
        Wire("ColourJitter", "contrast", "0.5", new ColourJitter(Jitter), new ColourJitter(Jitter with { Contrast = 0.5 })),
        Wire("ColourJitter", "saturation", "0.5", new ColourJitter(Jitter), new ColourJitter(Jitter with { Saturation = 0.5 })),
        Wire("ColourJitter", "hue", "0.25", new ColourJitter(Jitter), new ColourJitter(Jitter with { Hue = 0.25 })),
        Wire("ColourJitter", "probability", "0.5", new ColourJitter(Jitter with { Hue = 0.25 }), new ColourJitter(Jitter with { Hue = 0.25, Probability = 0.5 }), ", hue: 0.25"),
        Wire("ColourJitter", "per_image", "false", new ColourJitter(Jitter), new ColourJitter(Jitter with { PerImage = false })),
        Wire("CutOut", "probability", "1", new CutOut(new()), new CutOut(new() { Probability = 1 })),
        Wire("CutOut", "area", "[0.5, 0.6]", new CutOut(new()), new CutOut(new() { MinArea = 0.5, MaxArea = 0.6 })),
        Wire("CutOut", "ratio", "[2, 3]", new CutOut(new()), new CutOut(new() { MinRatio = 2, MaxRatio = 3 })),
        Wire("CutOut", "fill", "127", new CutOut(new()), new CutOut(new() { Fill = 127 })),
        Wire("CutOut", "ignore_label", "false", new CutOut(new()), new CutOut(new() { IgnoreLabel = false })),
        Wire("CutOut", "per_image", "false", new CutOut(new()), new CutOut(new() { PerImage = false })),
        Wire("ClassBalancedCrop", "area", "[0.1, 0.2]", new ClassBalancedCrop(new()), new ClassBalancedCrop(new() { MinArea = 0.1, MaxArea = 0.2 })),
        Wire("ClassBalancedCrop", "ratio", "[2, 3]", new ClassBalancedCrop(new()), new ClassBalancedCrop(new() { MinRatio = 2, MaxRatio = 3 })),
        Wire("ClassBalancedCrop", "per_image", "false", new ClassBalancedCrop(new()), new ClassBalancedCrop(new() { PerImage = false })),
        Wire("GaussianBlur", "sigma", "[3, 4]", new GaussianBlur(new()), new GaussianBlur(new() { MinSigma = 3, MaxSigma = 4 })),
        Wire("GaussianBlur", "probability", "1", new GaussianBlur(new()), new GaussianBlur(new() { Probability = 1 })),
        Wire("GaussianBlur", "per_image", "false", new GaussianBlur(new()), new GaussianBlur(new() { PerImage = false })),
        Wire("GaussianNoise", "std", "[20, 30]", new GaussianNoise(new()), new GaussianNoise(new() { MinStd = 20, MaxStd = 30 })),
        Wire("GaussianNoise", "probability", "1", new GaussianNoise(new()), new GaussianNoise(new() { Probability = 1 })),
        Wire("GaussianNoise", "per_image", "false", new GaussianNoise(new()), new GaussianNoise(new() { PerImage = false })),
        Wire("JpegCompression", "quality", "[5, 10]", new JpegCompression(new()), new JpegCompression(new() { MinQuality = 5, MaxQuality = 10 })),
        Wire("JpegCompression", "probability", "1", new JpegCompression(new()), new JpegCompression(new() { Probability = 1 })),
        Wire("JpegCompression", "per_image", "false", new JpegCompression(new()), new JpegCompression(new() { PerImage = false })),
    ];

    private static KeyWire Wire(string type, string key, string value, IAugmentation before, IAugmentation after, string beside = "") => new(
        $"data_loader.transforms.{type}.{key}",
        [KeyWires.Transforms($"{{type: {type}{beside}, {key}: {value}}}")],
        config => (Effect(Assert.Single(LibraryOptions.TrainingLoader(config).Augmentations)), LibraryOptions.CalibrationLoader(config).Augmentations.Count),
        (Effect(before), 0),
        (Effect(after), 0)) { Before = [KeyWires.Transforms($"{{type: {type}{beside}}}")] };

    /// <summary>What eight draws do to an image, as a hash, and for whom a draw is.</summary>
    private static string Effect(IAugmentation augmentation)
    {
        const int height = 24, width = 36;
        byte[] rgb = [.. Enumerable.Range(0, height * width * 3).Select(i => (byte)((i * 7) + (i / 50)))], label = [.. Enumerable.Range(0, height * width).Select(i => (byte)(i / 9 % 19))];
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int draw = 0; draw < 8; draw++)
        {
            byte[] newRgb = new byte[rgb.Length], newLabel = new byte[label.Length];
            augmentation.Apply(new AugmentationBuffers(rgb, label, height, width), new AugmentationBuffers(newRgb, newLabel, height, width), SplittableRandom.For(5, draw));
            hash.AppendData(newRgb);
            hash.AppendData(newLabel);
        }

        return $"{augmentation.GetType().Name}, per image {augmentation.PerImage}, {Convert.ToHexString(hash.GetHashAndReset())}";
    }
}
