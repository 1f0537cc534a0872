using System.Buffers;
using MessagePack;
using MessagePack.Formatters;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>The image part of a record: encoding, and decoding by what its first bytes say.</summary>
/// <remarks>
/// PNG and JPEG carry the channels in the order B, G, R, as HAT writes them. Raw and LZ4 start with four letters of their own and carry
/// R, G, B; the LZ4 block is the one of MessagePack's extension 99, with its length in front.
/// </remarks>
internal static class ImageCoding
{
    private const int Lz4Extension = 99;

    private static readonly MessagePackSerializerOptions Lz4 = MessagePackSerializerOptions.Standard.WithCompression(MessagePackCompression.Lz4Block);

    private static ReadOnlySpan<byte> RawMark => "TSRW"u8;

    private static ReadOnlySpan<byte> Lz4Mark => "TSL4"u8;

    public static byte[] Encode(RgbImage image, ImageCodec codec, int jpegQuality) => codec switch
    {
        ImageCodec.Png => SkiaImages.EncodeColour(image.Pixels, image.Height, image.Width, swapRedBlue: true),
        ImageCodec.Jpeg => SkiaImages.EncodeJpeg(image.Pixels, image.Height, image.Width, swapRedBlue: true, jpegQuality),
        ImageCodec.Raw => [.. RawMark, .. image.Pixels],
        ImageCodec.Lz4 => [.. Lz4Mark, .. MessagePackSerializer.Serialize(image.Pixels, Lz4)],
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "There is no such codec."),
    };

    /// <summary>Decodes into a buffer that grows where it is too small; PNG and JPEG images are turned upright where EXIF says so.</summary>
    /// <param name="bytes">The image part.</param>
    /// <param name="height">The label's rows, which the image must have.</param>
    /// <param name="width">The label's columns.</param>
    /// <param name="name">The record, for messages.</param>
    /// <param name="pixels">Receives height·width·3 bytes R, G, B.</param>
    /// <exception cref="BadFileException">The image is truncated or damaged, or of another size than the label.</exception>
    public static void Decode(ReadOnlyMemory<byte> bytes, int height, int width, string name, ref byte[] pixels)
    {
        ImageLimit.Check((uint)height, (uint)width, name, ImageLimit.LargestMegapixels);
        bool raw = bytes.Span.StartsWith(RawMark), lz4 = bytes.Span.StartsWith(Lz4Mark);
        if (!raw && !lz4)
        {
            // The label's values lie in the record, so its size bounds what the image's header may ask for.
            ImageHeader header = ImageHeader.Read(bytes.Span, name, ImageLimit.LargestMegapixels);
            SampleRecord.CheckSizes(header.Height, header.Width, height, width, name);
            SkiaImages.DecodeColour(bytes.Span, header, name, swapRedBlue: true, ref pixels);
            return;
        }

        int length = checked(height * width * 3);
        if (pixels.Length < length)
        {
            pixels = new byte[length];
        }

        ReadOnlyMemory<byte> body = bytes[RawMark.Length..];
        if (raw)
        {
            if (body.Length != length)
            {
                throw Damaged(name, $"its raw image has {body.Length} bytes, not {length} for {height}x{width} pixels");
            }

            body.Span.CopyTo(pixels);
        }
        else
        {
            Unpack(body, pixels, length, name);
        }
    }

    private static void Unpack(ReadOnlyMemory<byte> body, byte[] pixels, int length, string name)
    {
        try
        {
            // The length in front decides how much is allocated, so it is checked before anything is.
            var reader = new MessagePackReader(body);
            if (reader.NextMessagePackType == MessagePackType.Extension)
            {
                ExtensionHeader header = reader.ReadExtensionFormatHeader();
                int unpacked = reader.ReadInt32();
                if (header.TypeCode != Lz4Extension || unpacked < length || unpacked > length + 5)
                {
                    throw Damaged(name, $"its LZ4 image says {unpacked} bytes, not {length}");
                }
            }

            int got = MessagePackSerializer.Deserialize<int>(body, Lz4.WithResolver(new IntoBuffer(pixels, length)));
            if (got != length)
            {
                throw Damaged(name, $"its LZ4 image has {got} bytes, not {length}");
            }
        }
        catch (Exception fault) when (fault is MessagePackSerializationException or EndOfStreamException)
        {
            throw Damaged(name, "its LZ4 image cannot be decompressed", fault);
        }
    }

    private static BadFileException Damaged(string name, string what, Exception? fault = null) => new($"{name} is damaged: {what}. Pack the data again.", fault);

    /// <summary>Reads a MessagePack binary object to a buffer instead of a new array, and gives its length.</summary>
    private sealed class IntoBuffer(byte[] buffer, int capacity) : IMessagePackFormatter<int>, IFormatterResolver
    {
        public IMessagePackFormatter<T>? GetFormatter<T>() => this as IMessagePackFormatter<T>;

        public void Serialize(ref MessagePackWriter writer, int value, MessagePackSerializerOptions options) => throw new NotSupportedException("This formatter only reads.");

        public int Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        {
            ReadOnlySequence<byte> bytes = reader.ReadBytes() ?? throw new MessagePackSerializationException("The image is nil.");
            if (bytes.Length <= capacity)
            {
                bytes.CopyTo(buffer);
            }

            return (int)bytes.Length;
        }
    }
}
