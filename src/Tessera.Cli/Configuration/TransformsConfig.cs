using System.Collections.Immutable;
using Tessera.Data;
using Tessera.Imaging;
using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <summary>
/// A <c>transforms</c> list. Its order is fixed, because the network's int8 input depends on it: LabelRemap, SegResize, augmentations (training only, any
/// number in any order), ImageBgrToYuv444, ImageNormalize, Scale (training only).
/// </summary>
/// <param name="Augmentations">The augmentations, in order.</param>
/// <param name="Swing">The colour conversion.</param>
public sealed record TransformsConfig(ImmutableArray<IAugmentation> Augmentations, YuvSwing Swing)
{
    private const string BeforeAugmentations = "SegResize", Training = "Scale";

    private static readonly string[] Order = ["LabelRemap", BeforeAugmentations, "ImageBgrToYuv444", "ImageNormalize", Training];

    private static readonly RecipeTable<Transform> Transforms = new(
        "transform",
        [
            new Recipe<Transform>("LabelRemap", _ => new Transform("LabelRemap")),
            new Recipe<Transform>(BeforeAugmentations, _ => new Transform(BeforeAugmentations)),
            new Recipe<Transform>("ImageBgrToYuv444", ReadConversion, "BgrToYuv444"),
            new Recipe<Transform>("ImageNormalize", ReadNormalize),
            new Recipe<Transform>(Training, _ => new Transform(Training)),
            .. Data.Augmentations.Table.Recipes.Select(recipe => new Recipe<Transform>(recipe.Name, keys => new Transform(recipe.Name) { Augmentation = recipe.Read(keys) }, recipe.Aliases)),
        ]);

    /// <summary>Reads the list.</summary>
    internal static TransformsConfig Read(ConfigSection loader, bool isTraining)
    {
        int problems = loader.ProblemCount;
        ImmutableArray<Transform> given = [.. loader.Sections("transforms").Select(section => section.Typed(Transforms))];
        string[] augmentations = isTraining ? [.. given.Where(transform => transform.Augmentation is not null).Select(transform => transform.Name)] : [];
        string[] wanted = [.. Order.Where(name => isTraining || name != Training).SelectMany(name => name == BeforeAugmentations ? augmentations.Prepend(name) : [name])];
        if (loader.ProblemCount == problems && !given.Select(transform => transform.Name).SequenceEqual(wanted))
        {
            loader.Report("transforms", $"are {(given.IsEmpty ? "not given" : string.Join(", ", given.Select(transform => transform.Name)))}; they must be {string.Join(", ", wanted)}, in this order.");
        }

        return new TransformsConfig(
            [.. given.Select(transform => transform.Augmentation).OfType<IAugmentation>()],
            given.Select(transform => transform.Swing).FirstOrDefault(swing => swing is not null) ?? YuvSwing.Full);
    }

    private static Transform ReadConversion(IKeyReader keys) => new("ImageBgrToYuv444")
    {
        Swing = keys.Choice<YuvSwing>("swing", YuvSwing.Full, ("full", YuvSwing.Full), ("studio_subsampled", YuvSwing.StudioSubsampled)),
    };

    private static Transform ReadNormalize(IKeyReader keys)
    {
        // (x - 128) / 128 is what makes the image exactly int8 at scale 1/128; nothing else can be quantized without loss.
        _ = keys.Number("mean", 128, 128, 128);
        _ = keys.Number("std", 128, 128, 128);
        return new Transform("ImageNormalize");
    }

    private sealed record Transform(string Name)
    {
        public IAugmentation? Augmentation { get; init; }

        public YuvSwing? Swing { get; init; }
    }
}
