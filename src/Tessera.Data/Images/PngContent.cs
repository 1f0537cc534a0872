namespace Tessera.Data;

/// <summary>What Tessera takes of a PNG file: the pixels and the EXIF orientation.</summary>
internal static class PngContent
{
    /// <summary>
    /// The file without the chunks that no pixel needs: profiles, texts, times, animation, and tRNS, whose alpha would be dropped anyway and which
    /// keeps gray values from being read as they are. A decoder may expand some of them to many times their size. The file itself where it has none.
    /// </summary>
    public static ReadOnlySpan<byte> PixelsOnly(ReadOnlySpan<byte> file)
    {
        var chunks = new PngChunks(file);
        bool hasOthers = false;
        while (chunks.MoveNext())
        {
            hasOthers |= !chunks.IsCritical;
        }

        return hasOthers ? Strip(file) : file;
    }

    /// <summary>The orientation in the eXIf chunk, 1 to 8; 1 where there is none.</summary>
    public static int Orientation(ReadOnlySpan<byte> file)
    {
        var chunks = new PngChunks(file);
        while (chunks.MoveNext())
        {
            if (chunks.Type.SequenceEqual("eXIf"u8))
            {
                return ExifOrientation.Read(chunks.Content);
            }
        }

        return ExifOrientation.Upright;
    }

    private static byte[] Strip(ReadOnlySpan<byte> file)
    {
        var kept = new MemoryStream(file.Length);
        kept.Write(file[..8]);
        int end = 8;
        var chunks = new PngChunks(file);
        while (chunks.MoveNext())
        {
            end = chunks.Start + chunks.Length;
            if (chunks.IsCritical)
            {
                kept.Write(file.Slice(chunks.Start, chunks.Length));
            }
        }

        if (!chunks.Ended)
        {
            // A chunk that breaks off goes along, so that the decoder sees what is left of the pixels and says that they are cut.
            kept.Write(file[end..]);
        }

        return kept.ToArray();
    }
}
