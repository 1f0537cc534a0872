using System.CommandLine;
using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Data;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera pack</c>: images and labels into one LMDB file.</summary>
internal static class PackCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var source = new Option<string>("--src-data-dir") { Description = "The data set's folder; for cityscapes the one that holds leftImg8bit/ and gtFine/", HelpName = "DIR", Required = true };
        var target = new Option<string>("--target-data-dir") { Description = "Where the pack goes; default: the source folder", HelpName = "DIR", DefaultValueFactory = _ => "" };
        var split = new Option<string>("--split-name") { Description = "The split: train, val or test; other layouts may have others", HelpName = "NAME", DefaultValueFactory = _ => "train" };
        var type = new Option<string>("--pack-type") { Description = "lmdb is the only one", HelpName = "TYPE", Required = true };
        var workers = new Option<int>("--num-workers") { Description = "Threads that decode and encode", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount };
        var samples = new Option<int?>("--num-samples") { Description = "Pack only the first N images", HelpName = "N" };
        var codec = new Option<string>("--image-codec") { Description = "How images are stored: png and jpeg are what HAT reads; raw and lz4 decode fastest", HelpName = "png|jpeg|raw|lz4", DefaultValueFactory = _ => "png" };
        var resize = new Option<string?>("--resize") { Description = "Resize while packing: training at this size gets the same batches with less work", HelpName = "H,W" };
        Option<int> megapixels = MegapixelOption.Create();
        var layout = new LayoutSelection();
        return new ExplainedCommand("pack", "Pack labelled images for training: every file is checked on the way.", [source, target, split, type, workers, samples, codec, resize, megapixels, .. layout.All])
        {
            Examples =
            [
                "tessera pack --src-data-dir data/cityscapes --split-name train --pack-type lmdb",
                "tessera pack --src-data-dir ../shared/data/kitti --target-data-dir data/kitti --split-name val --pack-type lmdb",
                "tessera pack --src-data-dir data/camvid --layout camvid --image-codec lz4 --resize 384,512 --pack-type lmdb",
            ],
            Notes = "Writes TARGET/NAME_lmdb, whole or not at all; an older pack stays until the new one is complete. HAT reads such packs, and Tessera reads HAT's.",
            Run = parsed => context.Console.Out.WriteLine(PackStep.Run(context, new PackOptions
            {
                SrcDataDir = parsed.GetRequiredValue(source),
                Layout = layout.Of(parsed, parsed.GetRequiredValue(source)),
                TargetDataDir = parsed.GetValue(target) ?? "",
                SplitName = parsed.GetRequiredValue(split),
                PackType = parsed.GetRequiredValue(type),
                NumWorkers = parsed.GetValue(workers),
                NumSamples = parsed.GetValue(samples),
                ImageCodec = Codec(parsed.GetRequiredValue(codec)),
                MaxMegapixels = parsed.GetValue(megapixels),
                Resize = parsed.GetValue(resize) is { } size ? PackSize.Parse(size) : null,
            }).Text),
        };
    }

    private static ImageCodec Codec(string text) => text switch
    {
        "png" => ImageCodec.Png,
        "jpeg" => ImageCodec.Jpeg,
        "raw" => ImageCodec.Raw,
        "lz4" => ImageCodec.Lz4,
        _ => throw new UsageException($"--image-codec is {text}; it must be png, jpeg, raw or lz4."),
    };
}
