using Tessera.Core;

namespace Tessera.Data;

/// <summary>What a PNG or JPEG file says about itself, checked before a decoder sees it or memory is taken for its pixels.</summary>
/// <param name="StoredHeight">Rows as stored.</param>
/// <param name="StoredWidth">Columns as stored.</param>
/// <param name="Orientation">The EXIF orientation, 1 to 8: how the stored pixels are to be turned.</param>
/// <param name="IsPng">PNG, else JPEG.</param>
internal readonly record struct ImageHeader(int StoredHeight, int StoredWidth, int Orientation, bool IsPng)
{
    /// <summary>Rows of the upright image.</summary>
    public int Height => ExifOrientation.SwapsSides(Orientation) ? StoredWidth : StoredHeight;

    /// <summary>Columns of the upright image.</summary>
    public int Width => ExifOrientation.SwapsSides(Orientation) ? StoredHeight : StoredWidth;

    /// <summary>Reads the header of an image file; its content decides what it is.</summary>
    /// <param name="file">The whole content.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="maxMegapixels">More pixels are an error, see <see cref="ImageLimit"/>.</param>
    /// <exception cref="BadFileException">It is another kind of file, too large, or its header is damaged.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> file, string name, int maxMegapixels)
    {
        if (ImageSignature.IsJpeg(file))
        {
            JpegHeader jpeg = JpegHeader.Read(file, name);
            jpeg.Check(file, name, maxMegapixels);
            return new ImageHeader(jpeg.Height, jpeg.Width, jpeg.Orientation, IsPng: false);
        }

        if (PngHeader.TryRead(file, out PngHeader png))
        {
            png.Check(file, name, maxMegapixels);
            return new ImageHeader((int)png.Height, (int)png.Width, PngContent.Orientation(file), IsPng: true);
        }

        throw new BadFileException(ImageSignature.IsPng(file)
            ? $"{name} is a PNG image that ends too early (it is truncated) or whose header is damaged ({file.Length} bytes). Fetch it again from its source."
            : $"{name} is {ImageSignature.Describe(file)} ({file.Length} bytes). PNG and JPEG images are read: convert it to one of them, or fetch the right file.");
    }
}
