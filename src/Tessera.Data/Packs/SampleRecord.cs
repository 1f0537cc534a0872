using System.Buffers;
using System.Buffers.Binary;
using MessagePack;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// One record of a pack, as HAT writes it: a MessagePack binary object that holds the label's height and width (two uint16,
/// little-endian), the image (HAT: PNG), and height·width label values.
/// </summary>
/// <remarks>
/// HAT writes the PNG with OpenCV from an RGB array, so that the file's stored channels are in the order B, G, R. Decoding swaps them
/// back; the pixels are then those of the source image.
/// </remarks>
public static class SampleRecord
{
    private const int HeaderLength = 4;

    /// <summary>Encodes a record.</summary>
    /// <param name="image">The image.</param>
    /// <param name="label">Its label ids, of the same size.</param>
    /// <param name="name">The sample, for messages.</param>
    /// <param name="codec">How the image is stored; default PNG, HAT's.</param>
    /// <param name="jpegQuality">Quality of JPEG images, 1 to 100.</param>
    /// <exception cref="BadFileException">The sizes differ, or a side is above 65535.</exception>
    public static byte[] Encode(RgbImage image, LabelImage label, string name, ImageCodec codec = ImageCodec.Png, int jpegQuality = 95)
    {
        CheckSizes(image.Height, image.Width, label.Height, label.Width, name);
        if (label.Height > ushort.MaxValue || label.Width > ushort.MaxValue)
        {
            throw new BadFileException($"{name} has {label.Height}x{label.Width} pixels; a record holds at most {ushort.MaxValue} per side. Make the image smaller.");
        }

        byte[] stored = ImageCoding.Encode(image, codec, jpegQuality);
        int length = checked(HeaderLength + stored.Length + label.Values.Length);
        var output = new ArrayBufferWriter<byte>(length + 5);
        var writer = new MessagePackWriter(output);
        writer.WriteBinHeader(length);
        var header = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)label.Height);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)label.Width);
        writer.WriteRaw(header);
        writer.WriteRaw(stored);
        writer.WriteRaw(label.Values);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Decodes a record to its image and its label ids.</summary>
    /// <param name="record">The stored bytes.</param>
    /// <param name="name">The record, for messages.</param>
    /// <exception cref="BadFileException">It is no such record, or its image is damaged or of another size than its label.</exception>
    public static (RgbImage Image, LabelImage Label) Decode(ReadOnlyMemory<byte> record, string name)
    {
        Parts parts = Split(record, name);
        byte[] pixels = [];
        DecodeImage(parts, name, ref pixels);
        return (new RgbImage(pixels, parts.Height, parts.Width), new LabelImage(parts.Label.ToArray(), parts.Height, parts.Width));
    }

    /// <summary>Finds the parts of a record without decoding the image.</summary>
    /// <exception cref="BadFileException">It is no such record.</exception>
    internal static Parts Split(ReadOnlyMemory<byte> record, string name)
    {
        ReadOnlyMemory<byte> body = ReadBinary(record, name);
        if (body.Length >= HeaderLength)
        {
            int height = BinaryPrimitives.ReadUInt16LittleEndian(body.Span), width = BinaryPrimitives.ReadUInt16LittleEndian(body.Span[2..]);
            long imageLength = body.Length - HeaderLength - ((long)height * width);
            if (height > 0 && width > 0 && imageLength > 0)
            {
                return new Parts(height, width, body.Slice(HeaderLength, (int)imageLength), body[(HeaderLength + (int)imageLength)..]);
            }
        }

        throw NotARecord(name, $"{body.Length} bytes do not hold a label of the size in their header and an image");
    }

    /// <summary>Decodes the image of a record into a buffer that grows where it is too small.</summary>
    /// <exception cref="BadFileException">The image is damaged or of another size than the label.</exception>
    internal static void DecodeImage(Parts parts, string name, ref byte[] pixels) => ImageCoding.Decode(parts.Image, parts.Height, parts.Width, name, ref pixels);

    private static ReadOnlyMemory<byte> ReadBinary(ReadOnlyMemory<byte> record, string name)
    {
        try
        {
            // The sequence has one segment, so that the bytes are a slice of the record, not a copy.
            ReadOnlySequence<byte>? bytes = new MessagePackReader(record).ReadBytes();
            return bytes?.First ?? throw NotARecord(name, "it is nil");
        }
        catch (Exception fault) when (fault is MessagePackSerializationException or EndOfStreamException)
        {
            throw NotARecord(name, "it is no MessagePack binary object or ends too early", fault);
        }
    }

    /// <exception cref="BadFileException">The sizes differ.</exception>
    internal static void CheckSizes(int height, int width, int labelHeight, int labelWidth, string name)
    {
        if (height != labelHeight || width != labelWidth)
        {
            throw new BadFileException($"{name}: the image has {height}x{width} pixels, its label {labelHeight}x{labelWidth}; both must have the same size. Check that they belong together.");
        }
    }

    private static BadFileException NotARecord(string name, string why, Exception? fault = null) =>
        new($"{name} is not a sample record: {why}. Pack the data again.", fault);

    /// <summary>The parts of a record, slices of its bytes.</summary>
    internal readonly record struct Parts(int Height, int Width, ReadOnlyMemory<byte> Image, ReadOnlyMemory<byte> Label);
}
