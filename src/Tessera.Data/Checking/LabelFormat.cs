namespace Tessera.Data;

/// <summary>Compares a label file's pixel format with the encoding that it is declared to have.</summary>
internal static class LabelFormat
{
    /// <summary>Notes the format, and gives the finding of one that does not fit; null where it fits.</summary>
    public static Finding? Judge(PngHeader header, ReadOnlySpan<byte> file, string path, string split, SegmentationLayout layout, int maxMegapixels, SampleFacts facts)
    {
        facts.Format = header switch { { BitDepth: > 8 } => "", { ColourType: 0 } => "gray", { ColourType: 3 } => "palette", { ColourType: 2 or 6 } => "rgb", _ => "" };
        if (header.BitDepth == 16)
        {
            return new Finding(FindingSeverity.Error, "bit-depth", split, path, $"The label is {header}; labels have 8 bits.", "Write the same values with 8 bits, unscaled.");
        }

        bool fits = layout.Encoding.Kind switch
        {
            LabelEncodingKind.Palette => header.ColourType == 3,
            LabelEncodingKind.Rgb => header.ColourType is 2 or 3 or 6,
            _ => header is { ColourType: 0, BitDepth: 8 },
        };
        if (fits)
        {
            return null;
        }

        string? channels = facts.Format == "rgb" ? GrayInColours(ImageFile.DecodeRgb(file, path, maxMegapixels)) : null;
        if (channels is not null)
        {
            // The values of such a file are gray, so its format says nothing about the encoding.
            facts.Format = "";
        }

        string remedy = facts.Format switch
        {
            _ when channels is not null => "Write the first channel alone as an 8-bit gray PNG, its values unchanged.",
            "palette" => "Say --labels palette where the palette's indices are the classes.",
            "rgb" => layout.Type == "cityscapes" ? "Put the *_gtFine_labelIds.png file in its place; this is the coloured one." : "Say --labels rgb and give each class its colour in the class file.",
            "gray" when header.BitDepth == 8 => "Say --labels train-ids, or --labels ids with --ids.",
            _ => "Convert it to an 8-bit gray PNG without alpha and without scaling its values.",
        };
        return new Finding(FindingSeverity.Error, "label-format", split, path, $"The label is {header}, which does not fit the encoding '{layout.Encoding.ConfigName}'{channels}.", remedy);
    }

    /// <summary>Says how a colour file holds gray values; null where its colours are colours.</summary>
    private static string? GrayInColours(RgbImage image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        if (pixels.IndexOfAnyExcept(pixels[0]) < 0)
        {
            return null;
        }

        bool equal = true, alone = true;
        for (int i = 0; i < pixels.Length && (equal || alone); i += 3)
        {
            equal &= pixels[i] == pixels[i + 1] && pixels[i] == pixels[i + 2];
            alone &= pixels[i + 1] == 0 && pixels[i + 2] == 0;
        }

        return equal ? "; its three channels are equal, so that it holds gray values" : alone ? "; only its first channel holds values" : null;
    }
}
