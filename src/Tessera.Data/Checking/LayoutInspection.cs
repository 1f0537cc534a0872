using Tessera.Core;

namespace Tessera.Data;

/// <summary>Looks at one pair of files.</summary>
internal sealed class LayoutInspection(SegmentationLayout layout, string split, bool patterns)
{
    private readonly LabelEncoding _encoding = layout.Encoding;

    public SampleFacts Inspect(ImageLabelPair pair)
    {
        var facts = new SampleFacts(pair.Name, pair.Group, pair.LabelPath);
        InspectImage(pair, facts);
        InspectLabel(pair, facts);
        return facts;
    }

    private void InspectImage(ImageLabelPair pair, SampleFacts facts)
    {
        try
        {
            RgbImage image = ImageFile.ReadRgb(pair.ImagePath);
            facts.Size = (image.Height, image.Width);
            facts.ImageHash = ImagePattern.Hash(image);
            facts.Pattern = patterns ? ImagePattern.Of(image) : null;
        }
        catch (BadFileException fault)
        {
            facts.Findings.Add(Finding.Unreadable(split, pair.ImagePath, fault));
        }
    }

    private void InspectLabel(ImageLabelPair pair, SampleFacts facts)
    {
        try
        {
            byte[] file = ImageFile.ReadBytes(pair.LabelPath);
            if (PngHeader.TryRead(file, out PngHeader header) && !FitsEncoding(header, pair.LabelPath, facts))
            {
                return;
            }

            LabelImage label = _encoding.Decode(file, pair.LabelPath, out string? unknownColour);
            CheckSize(pair, label, facts);
            facts.Label = new LabelStatistics(_encoding.Classes.Count);
            facts.Label.Add(label.Values, _encoding.Remap);
            if (unknownColour is not null)
            {
                facts.Findings.Add(Error(
                    "unknown-colour", pair.LabelPath, $"The label holds {unknownColour}.", "Add the colour to 'colours' with its train id, or set 'ignore_unknown_colours: true'."));
            }

            int place = _encoding.Remap.FindUnknown(label.Values);
            if (place >= 0)
            {
                facts.Findings.Add(Error(
                    "unknown-value", pair.LabelPath, $"The value {label.Values[place]} at row {place / label.Width}, column {place % label.Width} means nothing in the encoding '{_encoding.ConfigName}'.",
                    "Change 'labels' to the encoding that the labels have (see 'labels look like'), or add the value to 'ids' (255 = ignored)."));
            }
        }
        catch (BadFileException fault)
        {
            facts.Findings.Add(Finding.Unreadable(split, pair.LabelPath, fault));
        }
    }

    private bool FitsEncoding(PngHeader header, string path, SampleFacts facts)
    {
        facts.Format = header switch { { BitDepth: > 8 } => "", { ColourType: 0 } => "gray", { ColourType: 3 } => "palette", { ColourType: 2 or 6 } => "rgb", _ => "" };
        if (header.BitDepth == 16)
        {
            facts.Findings.Add(Error("bit-depth", path, $"The label is {header}; labels have 8 bits.", "Write the same values with 8 bits, unscaled."));
            return false;
        }

        bool fits = _encoding.Kind switch
        {
            LabelEncodingKind.Palette => header.ColourType == 3,
            LabelEncodingKind.Rgb => header.ColourType is 2 or 3 or 6,
            _ => header is { ColourType: 0, BitDepth: 8 },
        };
        if (!fits)
        {
            string remedy = facts.Format switch
            {
                "palette" => "Set 'labels: palette' where the palette's indices are the classes.",
                "rgb" => layout.Type == "cityscapes" ? "Put the *_gtFine_labelIds.png file in its place; this is the coloured one." : "Set 'labels: rgb' and give each class its colour.",
                "gray" when header.BitDepth == 8 => "Set 'labels: train-ids', or 'labels: ids' with a table.",
                _ => "Convert it to an 8-bit gray PNG without scaling its values.",
            };
            facts.Findings.Add(Error("label-format", path, $"The label is {header}, which does not fit the encoding '{_encoding.ConfigName}'.", remedy));
        }

        return fits;
    }

    private void CheckSize(ImageLabelPair pair, LabelImage label, SampleFacts facts)
    {
        if (facts.Size.Height > 0 && facts.Size != (label.Height, label.Width))
        {
            facts.Findings.Add(Error(
                "size", pair.LabelPath, $"The label has {label.Height}x{label.Width} pixels, its image {facts.Size.Height}x{facts.Size.Width}.",
                "Put the label that belongs to the image in its place; both come from the same frame at the same size."));
        }
    }

    private Finding Error(string code, string file, string message, string remedy) => new(FindingSeverity.Error, code, split, file, message, remedy);
}
