using Tessera.Core;

namespace Tessera.Data;

/// <summary>Looks at one pair of files.</summary>
internal sealed class LayoutInspection(SegmentationLayout layout, string split, DatasetCheckOptions options)
{
    private readonly LabelEncoding _encoding = layout.Encoding;
    private readonly LabelInspection _label = new(LabelMeaning.Of(layout.Encoding), split, UnknownValueRemedy(layout.Encoding));

    public SampleFacts Inspect(ImageLabelPair pair)
    {
        var facts = new SampleFacts(pair.Name, pair.Group, pair.LabelPath);
        ImageHeader? header = null;
        RgbImage? image = TryRead(pair.ImagePath, facts, file =>
        {
            header = ImageHeader.Read(file, pair.ImagePath, options.MaxMegapixels);
            return ImageFile.DecodeRgb(file, pair.ImagePath, options.MaxMegapixels);
        });
        LabelImage? label = TryRead(pair.LabelPath, facts, file => DecodeLabel(file, pair.LabelPath, facts));
        if (image is not null)
        {
            facts.Size = (image.Height, image.Width);
            facts.ImageHash = ImagePattern.Hash(image);
            facts.Pattern = options.NearDuplicates ? ImagePattern.Of(image) : null;
        }

        if (label is not null)
        {
            _label.Inspect(label, pair.LabelPath, facts);
        }

        if (image is not null && label is not null)
        {
            Compare(pair, header!.Value, image, label, facts);
        }

        return facts;
    }

    private T? TryRead<T>(string path, SampleFacts facts, Func<byte[], T?> decode)
        where T : class
    {
        try
        {
            return decode(ImageFile.ReadBytes(path));
        }
        catch (BadFileException fault)
        {
            facts.Findings.Add(Finding.Unreadable(split, path, fault));
            return null;
        }
    }

    private LabelImage? DecodeLabel(byte[] file, string path, SampleFacts facts)
    {
        if (PngHeader.TryRead(file, out PngHeader header) && LabelFormat.Judge(header, file, path, split, layout, options.MaxMegapixels, facts) is { } wrong)
        {
            facts.Findings.Add(wrong);
            return null;
        }

        LabelImage label = _encoding.Decode(file, path, options.MaxMegapixels, out string? unknownColour);
        facts.LabelOrientation = ImageHeader.Read(file, path, options.MaxMegapixels).Orientation;
        if (unknownColour is not null)
        {
            facts.Findings.Add(Error("unknown-colour", path, $"The label holds {unknownColour}.", LabelEncoding.UnknownColourRemedy));
        }

        return label;
    }

    private void Compare(ImageLabelPair pair, ImageHeader header, RgbImage image, LabelImage label, SampleFacts facts)
    {
        bool isTurned = header.Orientation != ExifOrientation.Upright || facts.LabelOrientation != ExifOrientation.Upright;
        if (facts.Size != (label.Height, label.Width))
        {
            bool fitsStored = isTurned && (header.StoredHeight, header.StoredWidth) == (label.Height, label.Width);
            facts.Findings.Add(Error(
                "size", pair.LabelPath, $"The label has {label.Height}x{label.Width} pixels, its image {image.Height}x{image.Width}{(fitsStored ? $" once its EXIF orientation {header.Orientation} turns it upright" : "")}.",
                fitsStored ? "Remove the orientation from the image's EXIF data where the label was drawn without it, or turn the label as the image is turned."
                    : "Put the label that belongs to the image in its place; both come from the same frame at the same size."));
        }
        else if (isTurned)
        {
            bool alike = header.Orientation == facts.LabelOrientation;
            facts.Findings.Add(new Finding(
                alike ? FindingSeverity.Info : FindingSeverity.Warning, "orientation", split, pair.ImagePath,
                $"EXIF says that the image is to be turned (orientation {header.Orientation}), and it is read upright; its label has orientation {facts.LabelOrientation}.",
                alike ? "Nothing; both are read upright." : "Nothing where the label fits the upright image; where it fits the image as stored, remove the orientation from the EXIF data."));
        }

        _label.Compare(image, label, pair.ImagePath, facts);
    }

    private static string UnknownValueRemedy(LabelEncoding encoding) => encoding.Kind switch
    {
        LabelEncodingKind.TrainIds => $"Say --labels with the encoding that the labels have (see 'labels look like'), or give the value a meaning: --labels ids --ids {LabelIdTable.Format(encoding.Remap)},VALUE=255 ignores it.",
        LabelEncodingKind.Palette => $"Give the index a meaning: --labels palette --ids {LabelIdTable.Format(encoding.Remap)},VALUE=255 ignores it.",
        _ when encoding.ConfigName == "ids" => "Say --labels with the encoding that the labels have (see 'labels look like'), or add the value to --ids or to the class file's 'ignore_ids'.",
        _ => "Say --labels with the encoding that the labels have (see 'labels look like'), or --labels ids with --ids and a train id for each value, 255 = ignored.",
    };

    private Finding Error(string code, string file, string message, string remedy) => new(FindingSeverity.Error, code, split, file, message, remedy);
}
