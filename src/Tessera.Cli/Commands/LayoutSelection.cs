using System.CommandLine;
using Tessera.Core;
using Tessera.Data;

namespace Tessera.Cli.Commands;

/// <summary>The options that say where a data set keeps its images and labels and what the labels mean.</summary>
internal sealed class LayoutSelection
{
    /// <summary>The layout.</summary>
    public Option<string> Layout { get; } = new("--layout") { Description = "cityscapes, camvid, or folders: images and labels in folders of your own", HelpName = "TYPE", DefaultValueFactory = _ => new LayoutOptions { Root = "" }.Type };

    /// <summary>The label encoding.</summary>
    public Option<string?> Labels { get; } = new("--labels") { Description = "cityscapes-ids, ids, train-ids, palette or rgb; default: the layout's own", HelpName = "ENCODING" };

    /// <summary>The class table.</summary>
    public Option<string?> Classes { get; } = new("--classes") { Description = "cityscapes, or a class file below the data set; default: classes.json, for cityscapes its own", HelpName = "FILE" };

    /// <summary>The train id of each label id.</summary>
    public Option<string?> Ids { get; } = new("--ids") { Description = "ids, palette: the train id of each label value, 255 = ignored, for example 0=255,1..3=0..2", HelpName = "TABLE" };

    /// <summary>Image folder.</summary>
    public Option<string?> ImageDir { get; } = new("--image-dir") { Description = "folders: where the images of a split are; default: images/{split}", HelpName = "DIR" };

    /// <summary>Label folder.</summary>
    public Option<string?> LabelDir { get; } = new("--label-dir") { Description = "folders: where the labels of a split are; default: labels/{split}", HelpName = "DIR" };

    /// <summary>Image suffix.</summary>
    public Option<string?> ImageSuffix { get; } = new("--image-suffix") { Description = "folders: how the names of images end, in whatever case; default: .jpg", HelpName = "TEXT" };

    /// <summary>Label suffix.</summary>
    public Option<string?> LabelSuffix { get; } = new("--label-suffix") { Description = "folders: how the names of labels end, in whatever case; default: .png", HelpName = "TEXT" };

    /// <summary>Unknown colours.</summary>
    public Option<bool> IgnoreUnknownColours { get; } = new("--ignore-unknown-colours") { Description = "rgb: pixels of a colour without a class are ignored instead of an error" };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [Layout, Labels, Classes, Ids, ImageDir, LabelDir, ImageSuffix, LabelSuffix, IgnoreUnknownColours];

    /// <summary>Refuses every one that is given, where there is no layout to apply it to.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="needed">The option that would make use of them.</param>
    /// <exception cref="Core.UsageException">One is given.</exception>
    public void RequireNone(ParseResult parsed, string needed) => UnusedOption.Refuse(parsed, $"is used with {needed} only", [.. All]);

    /// <summary>The layout of a data set.</summary>
    /// <inheritdoc cref="SegmentationLayout.Create"/>
    public SegmentationLayout Of(ParseResult parsed, string root)
    {
        string? labels = parsed.GetValue(Labels), ids = parsed.GetValue(Ids);
        if (ids is not null && labels is not (null or "ids" or "palette"))
        {
            throw new UsageException($"--ids gives the meaning of label ids or palette indices, and --labels is {labels}; say --labels ids or --labels palette.");
        }

        return SegmentationLayout.Create(new LayoutOptions
        {
            Root = root,
            Type = parsed.GetRequiredValue(Layout),
            Labels = ids is null ? labels : labels ?? "ids",
            Classes = parsed.GetValue(Classes),
            Ids = ids is null ? null : LabelIdTable.Parse(ids),
            ImageDir = parsed.GetValue(ImageDir),
            LabelDir = parsed.GetValue(LabelDir),
            ImageSuffix = parsed.GetValue(ImageSuffix),
            LabelSuffix = parsed.GetValue(LabelSuffix),
            IgnoreUnknownColours = parsed.GetValue(IgnoreUnknownColours),
        });
    }
}
