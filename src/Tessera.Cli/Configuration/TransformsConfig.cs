using System.Collections.Immutable;
using System.Globalization;
using Tessera.Core;
using Tessera.Data;
using Tessera.Imaging;
using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <summary>
/// A <c>transforms</c> list. Its order is fixed, because the network's int8 input depends on it: LabelRemap, SegResize, augmentations (training only, any
/// number in any order), ImageBgrToYuv444, ImageNormalize, Scale (training only). HAT's SegOneHot, which has no counterpart, may stand anywhere.
/// </summary>
/// <param name="Augmentations">The augmentations, in order.</param>
/// <param name="Swing">The colour conversion.</param>
public sealed record TransformsConfig(ImmutableArray<IAugmentation> Augmentations, YuvSwing Swing)
{
    private const string Remap = "LabelRemap", OneHot = "SegOneHot", Resize = "SegResize", Conversion = "ImageBgrToYuv444", Normalize = "ImageNormalize", Shrink = "Scale";

    private static readonly string[] Order = [Remap, Resize, Conversion, Normalize, Shrink];

    // Cityscapes' table, by the two names that HAT has for it, and written out.
    private static readonly string[] Mappings = ["CITYSCAPES_LABLE_MAPPINGS", "CITYSCAPES_LABEL_MAPPINGS", Mapping("-1"), Mapping("255")];

    /// <summary>Reads the list.</summary>
    internal static TransformsConfig Read(ConfigSection loader, NetworkFacts network, bool isTraining)
    {
        int problems = loader.ProblemCount;
        RecipeTable<Transform> table = Table(network);
        ImmutableArray<(ConfigSection Section, Transform Transform)> all = [.. loader.Sections("transforms").Select(section => (section, section.Typed(table)))];
        foreach ((ConfigSection section, _) in all.Where(item => item.Transform.Name == OneHot))
        {
            section.Omit();
        }

        ImmutableArray<Transform> given = [.. all.Select(item => item.Transform).Where(transform => transform.Name != OneHot)];
        string[] augmentations = isTraining ? [.. given.Where(transform => transform.Augmentation is not null).Select(transform => transform.Name)] : [];
        string[] wanted = [.. Order.Where(name => isTraining || name != Shrink).SelectMany(name => name == Resize ? augmentations.Prepend(name) : [name])];
        if (loader.ProblemCount == problems && !given.Select(transform => transform.Name).SequenceEqual(wanted))
        {
            loader.Report("transforms", $"are {(given.IsEmpty ? "not given" : string.Join(", ", given.Select(transform => transform.Name)))}; they must be {string.Join(", ", wanted)}, in this order.");
        }

        return new TransformsConfig(
            [.. given.Select(transform => transform.Augmentation).OfType<IAugmentation>()],
            given.Select(transform => transform.Swing).FirstOrDefault(swing => swing is not null) ?? YuvSwing.Full);
    }

    private static RecipeTable<Transform> Table(NetworkFacts network) => new(
        "transform",
        [
            new Recipe<Transform>(Remap, ReadRemap),
            new Recipe<Transform>(Resize, keys => ReadResize(keys, network)),
            new Recipe<Transform>(Conversion, ReadConversion, "BgrToYuv444"),
            new Recipe<Transform>(Normalize, ReadNormalize, "TorchVisionAdapter"),
            new Recipe<Transform>(Shrink, keys => ReadShrink(keys, network)),
            new Recipe<Transform>(OneHot, keys => ReadOneHot(keys, network)),
            .. Data.Augmentations.Table.Recipes.Select(recipe => new Recipe<Transform>(recipe.Name, keys => new Transform(recipe.Name) { Augmentation = recipe.Read(keys) }, recipe.Aliases)),
        ]);

    private static Transform ReadRemap(IKeyReader keys)
    {
        keys.Settled("mapping", "Tessera always maps label values as the pack says: `tessera pack --labels` and `--ids` (docs/data.md).", [.. Mappings]);
        return new Transform(Remap);
    }

    private static Transform ReadResize(IKeyReader keys, NetworkFacts network)
    {
        keys.Settled("size", "Tessera always prepares images at input_size; change that.", $"[{string.Join(", ", network.InputSize)}]");
        return new Transform(Resize);
    }

    private static Transform ReadOneHot(IKeyReader keys, NetworkFacts network)
    {
        if (network.Outputs is { } outputs)
        {
            keys.Settled("num_classes", "Tessera always takes it from the network.", outputs.Classes.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            keys.Idle("num_classes");
        }

        return new Transform(OneHot);
    }

    private static Transform ReadConversion(IKeyReader keys)
    {
        keys.Settled("rgb_input", "Tessera's images are always RGB, those of HAT's packs too.", "true");
        return new Transform(Conversion) { Swing = keys.Choice<YuvSwing>("swing", YuvSwing.Full, ("full", YuvSwing.Full), ("studio_subsampled", YuvSwing.StudioSubsampled)) };
    }

    private static Transform ReadNormalize(IKeyReader keys)
    {
        // (x - 128) / 128 is what makes the image exactly int8 at scale 1/128; nothing else can be quantized without loss.
        keys.Settled("interface", "Of torchvision's transforms Tessera has the normalisation here.", "Normalize");
        _ = keys.Number("mean", 128, 128, 128);
        _ = keys.Number("std", 128, 128, 128);
        return new Transform(Normalize);
    }

    private static Transform ReadShrink(IKeyReader keys, NetworkFacts network)
    {
        keys.Settled("mode", "Tessera always shrinks labels as HAT's bilinear rule does: a pixel of one class, else ignored (docs/data.md).", "bilinear");
        if (!keys.GivenKeys.Contains("scales") || network.Outputs is not { } outputs)
        {
            keys.Idle("scales");
            return new Transform(Shrink);
        }

        int problems = keys.ProblemCount;
        double[] scales = [.. keys.Numbers("scales", null, null, 0, 1)], wanted = [.. outputs.Strides.Select(stride => 1.0 / stride)];
        if (keys.ProblemCount == problems && !(scales.Length == wanted.Length && scales.Zip(wanted).All(pair => Math.Abs(pair.First - pair.Second) < 1e-6)))
        {
            keys.Report("scales", string.Create(
                CultureInfo.InvariantCulture, $"is [{string.Join(", ", scales)}]; it can only be [{string.Join(", ", wanted)}]. Tessera always makes a label for each output of the network: model.neck.output_scales."));
        }

        keys.Idle("scales");
        return new Transform(Shrink);
    }

    private static string Mapping(string ignored) => $"[{string.Join(", ", CityscapesLabels.TrainIds.ToArray().Select(id => id == ClassTable.Ignore ? ignored : $"{id}"))}]";

    private sealed record Transform(string Name)
    {
        public IAugmentation? Augmentation { get; init; }

        public YuvSwing? Swing { get; init; }
    }
}
