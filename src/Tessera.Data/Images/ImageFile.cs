using Tessera.Core;

namespace Tessera.Data;

/// <summary>Image and label files: reading to bytes, writing as PNG. The library behind it was chosen in docs/decisions/0001-image-library.md.</summary>
public static class ImageFile
{
    private const int MostBytes = 1 << 30;

    /// <summary>
    /// Reads a PNG or JPEG file as RGB, turned upright where EXIF says so. Alpha is dropped, gray becomes three equal channels, 16 bits are reduced
    /// to their upper 8, colour profiles are not applied, and of an animation the first image is read.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxMegapixels">More pixels are an error, see <see cref="ImageLimit"/>.</param>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged, too large, or no PNG or JPEG image.</exception>
    public static RgbImage ReadRgb(string path, int maxMegapixels = ImageLimit.DefaultMegapixels) => DecodeRgb(ReadBytes(path), path, maxMegapixels);

    /// <summary>Reads an 8-bit gray PNG file to exactly the values that it stores, turned upright where EXIF says so.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxMegapixels">More pixels are an error, see <see cref="ImageLimit"/>.</param>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged, too large, or not an 8-bit gray PNG.</exception>
    public static LabelImage ReadLabel(string path, int maxMegapixels = ImageLimit.DefaultMegapixels) => DecodeLabel(ReadBytes(path), path, maxMegapixels);

    /// <summary>Decodes the content of a PNG or JPEG file as <see cref="ReadRgb"/> does.</summary>
    /// <param name="file">The whole content.</param>
    /// <param name="name">What to call it in messages: a path or a record.</param>
    /// <param name="maxMegapixels">More pixels are an error, see <see cref="ImageLimit"/>.</param>
    /// <exception cref="BadFileException">It is truncated, damaged, too large, or no PNG or JPEG image.</exception>
    public static RgbImage DecodeRgb(ReadOnlySpan<byte> file, string name, int maxMegapixels = ImageLimit.DefaultMegapixels)
    {
        ImageHeader header = ImageHeader.Read(file, name, maxMegapixels);
        byte[] pixels = [];
        SkiaImages.DecodeColour(file, header, name, swapRedBlue: false, ref pixels);
        return new RgbImage(pixels, header.Height, header.Width);
    }

    /// <summary>Decodes the content of an 8-bit gray PNG file to exactly the values that it stores, turned upright where EXIF says so.</summary>
    /// <param name="file">The whole content.</param>
    /// <param name="name">What to call it in messages: a path or a record.</param>
    /// <param name="maxMegapixels">More pixels are an error, see <see cref="ImageLimit"/>.</param>
    /// <exception cref="BadFileException">It is truncated, damaged, too large, or not an 8-bit gray PNG; the message says what it is.</exception>
    public static LabelImage DecodeLabel(ReadOnlySpan<byte> file, string name, int maxMegapixels = ImageLimit.DefaultMegapixels)
    {
        (PngHeader format, ImageHeader header) = LabelHeader(file, name, maxMegapixels);
        if (format is not { ColourType: 0, BitDepth: 8 })
        {
            throw new BadFileException($"The label {name} is {format}; a label must be 8-bit gray, one label id per pixel. {Remedy(format)}");
        }

        return new LabelImage(SkiaImages.DecodeGray(file, header, name), header.Height, header.Width);
    }

    /// <summary>Decodes the content of a palette PNG file of 1, 2, 4 or 8 bits to its indices, turned upright where EXIF says so; the colours do not count.</summary>
    /// <param name="file">The whole content.</param>
    /// <param name="name">What to call it in messages: a path or a record.</param>
    /// <param name="maxMegapixels">More pixels are an error, see <see cref="ImageLimit"/>.</param>
    /// <exception cref="BadFileException">It is truncated, damaged, too large, interlaced, or no palette PNG; the message says what it is.</exception>
    public static LabelImage DecodePaletteIndices(ReadOnlySpan<byte> file, string name, int maxMegapixels = ImageLimit.DefaultMegapixels)
    {
        (PngHeader format, ImageHeader header) = LabelHeader(file, name, maxMegapixels);
        if (format.ColourType != 3)
        {
            throw new BadFileException($"The label {name} is {format}, not a palette PNG. {OtherEncoding(format)}");
        }

        byte[] indices = PngIndices.Decode(file, format, name);
        byte[] upright = header.Orientation == ExifOrientation.Upright ? indices : ExifOrientation.Turn(indices, header.StoredHeight, header.StoredWidth, 1, header.Orientation);
        return new LabelImage(upright, header.Height, header.Width);
    }

    /// <summary>Decodes the content of a colour label to exactly its colours, as <see cref="ReadRgb"/> does: an RGB, RGBA or palette PNG file of up to 8 bits.</summary>
    /// <param name="file">The whole content.</param>
    /// <param name="name">What to call it in messages: a path or a record.</param>
    /// <param name="maxMegapixels">More pixels are an error, see <see cref="ImageLimit"/>.</param>
    /// <exception cref="BadFileException">It is truncated, damaged, too large, or another format; the message says what it is.</exception>
    public static RgbImage DecodeLabelColours(ReadOnlySpan<byte> file, string name, int maxMegapixels = ImageLimit.DefaultMegapixels)
    {
        (PngHeader format, _) = LabelHeader(file, name, maxMegapixels);
        if (format.ColourType is not (2 or 3 or 6) || format.BitDepth > 8)
        {
            throw new BadFileException($"The label {name} is {format}, not an RGB PNG of 8 bits. {OtherEncoding(format)}");
        }

        return DecodeRgb(file, name, maxMegapixels);
    }

    /// <summary>Encodes RGB pixels as a PNG file.</summary>
    /// <param name="rgb">height·width·3 bytes, interleaved.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <exception cref="ArgumentException">The number of bytes does not match the size.</exception>
    public static byte[] EncodeRgb(ReadOnlySpan<byte> rgb, int height, int width)
    {
        CheckLength(rgb, height, width, 3);
        return SkiaImages.EncodeColour(rgb, height, width, swapRedBlue: false);
    }

    /// <summary>Encodes one byte per pixel as an 8-bit gray PNG file, the form of labels.</summary>
    /// <exception cref="ArgumentException">The number of bytes does not match the size.</exception>
    public static byte[] EncodeGray(ReadOnlySpan<byte> values, int height, int width)
    {
        CheckLength(values, height, width, 1);
        return SkiaImages.EncodeGray(values, height, width);
    }

    /// <summary>Encodes a class map as a palette PNG: the bytes stay class indices, viewers show the classes' colours, ignored pixels black.</summary>
    /// <exception cref="ArgumentException">The number of bytes does not match the size.</exception>
    public static byte[] EncodeClassMap(ReadOnlySpan<byte> classMap, int height, int width, ClassTable classes)
    {
        CheckLength(classMap, height, width, 1);
        return PalettePng.Encode(classMap, height, width, classes);
    }

    /// <summary>Writes an image as a PNG file, whole or not at all; the folder is created.</summary>
    /// <exception cref="BadFileException">The file cannot be written.</exception>
    public static void WriteRgb(string path, RgbImage image) => Write(path, EncodeRgb(image.Pixels, image.Height, image.Width));

    /// <summary>Writes label values as an 8-bit gray PNG file, whole or not at all; the folder is created.</summary>
    /// <exception cref="BadFileException">The file cannot be written.</exception>
    public static void WriteGray(string path, LabelImage label) => Write(path, EncodeGray(label.Values, label.Height, label.Width));

    /// <summary>Writes a class map as a palette PNG file, whole or not at all; the folder is created.</summary>
    /// <exception cref="BadFileException">The file cannot be written.</exception>
    public static void WriteClassMap(string path, LabelImage classMap, ClassTable classes) =>
        Write(path, EncodeClassMap(classMap.Values, classMap.Height, classMap.Width, classes));

    private static (PngHeader Format, ImageHeader Header) LabelHeader(ReadOnlySpan<byte> file, string name, int maxMegapixels)
    {
        if (!PngHeader.TryRead(file, out PngHeader format))
        {
            throw new BadFileException(ImageSignature.IsPng(file)
                ? $"The label {name} is a PNG file that ends before its header does ({file.Length} bytes). Fetch it again from its source."
                : $"The label {name} is {ImageSignature.Describe(file)}, not a PNG file ({file.Length} bytes). Labels are PNG files, because other formats change values: fetch or write the label as PNG.");
        }

        return (format, ImageHeader.Read(file, $"The label {name}", maxMegapixels));
    }

    private static string Remedy(PngHeader header) => header.ColourType switch
    {
        0 or 4 => "Convert it to 8 bits without alpha and without scaling its values.",
        3 => "Where the palette's indices are the classes, say --labels palette; else write the ids as gray values.",
        _ => "Colours are not ids: use the *_gtFine_labelIds.png file instead of *_color.png, or say --labels rgb and give each class its colour in the class file.",
    };

    private static string OtherEncoding(PngHeader header) => header switch
    {
        { BitDepth: > 8 } => "Convert it to 8 bits without scaling its values.",
        { ColourType: 0 } => "Where its gray values are classes, say --labels train-ids, or --labels ids with --ids.",
        { ColourType: 3 } => "Where the palette's indices are the classes, say --labels palette.",
        { ColourType: 2 or 6 } => "Where its colours are the classes, say --labels rgb.",
        _ => "Convert it to an 8-bit PNG without alpha.",
    };

    /// <summary>The content of a file.</summary>
    /// <exception cref="BadFileException">The file cannot be read, or is larger than any image that is read.</exception>
    internal static byte[] ReadBytes(string path)
    {
        try
        {
            return InputFile.ReadAllBytes(path, MostBytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BadFileException($"Cannot read the image {path}: {fault.Message}", fault);
        }
    }

    private static void Write(string path, byte[] content) => AtomicFile.Write(path, stream => stream.Write(content));

    private static void CheckLength(ReadOnlySpan<byte> values, int height, int width, int channels)
    {
        if (height < 1 || width < 1 || values.Length != checked(height * width * channels))
        {
            throw new ArgumentException($"An image of {height}x{width} with {channels} channels has {(long)height * width * channels} bytes; received {values.Length}.", nameof(values));
        }
    }
}
