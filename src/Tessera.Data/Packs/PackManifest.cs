using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using MessagePack;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>What a pack says about its content, so that a wrong data set is noticed before it is trained.</summary>
/// <param name="Classes">The classes.</param>
/// <param name="Remap">Stored label values to train ids.</param>
/// <param name="Codec">How images are stored.</param>
/// <param name="Resize">The size to which the data were packed; null: their own.</param>
/// <param name="Statistics">Counts per value and class.</param>
/// <param name="ContentHash">SHA-256 over the bytes of all records in their order, 64 lower-case hexadecimal digits.</param>
public sealed record PackManifest(ClassTable Classes, LabelRemap Remap, ImageCodec Codec, PackSize? Resize, LabelStatistics Statistics, string ContentHash)
{
    /// <summary>Entries in the map that <see cref="Write"/> writes.</summary>
    internal const int EntryCount = 11;

    /// <summary>The CRC-32C of each record, in their order; empty in packs of format 2.</summary>
    public ImmutableArray<uint> RecordChecksums { get; init; } = [];

    /// <summary>Tells data sets apart: the SHA-256 of <see cref="ContentHash"/> and of what the label values mean, 64 lower-case hexadecimal digits.</summary>
    public string Identity => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{ContentHash} {string.Join(' ', TrainIds)}")));

    private IEnumerable<long> TrainIds => Enumerable.Range(0, 256).Select(value => (long)Remap.TrainIdOf((byte)value));

    /// <summary>How a record differs from what was packed, in words; null where it does not, or the manifest has no checksum of it.</summary>
    /// <param name="index">The record's index.</param>
    /// <param name="record">Its bytes.</param>
    internal string? RecordFault(int index, ReadOnlySpan<byte> record) =>
        !RecordChecksums.IsEmpty && Crc32C.Of(record) is var found && found != RecordChecksums[index]
            ? $"is not what was packed: its CRC-32C is {found:x8}, the manifest's {RecordChecksums[index]:x8}."
            : null;

    internal void Write(ref MessagePackWriter writer)
    {
        writer.Write("classes");
        writer.WriteArrayHeader(Classes.Count);
        foreach (ClassEntry entry in Classes.Classes)
        {
            writer.WriteArrayHeader(4);
            writer.Write(entry.Name);
            writer.Write(entry.Red);
            writer.Write(entry.Green);
            writer.Write(entry.Blue);
        }

        writer.Write("train_ids");
        WriteNumbers(ref writer, TrainIds);
        writer.Write("codec");
        writer.Write(CodecName(Codec));
        writer.Write("size");
        WriteNumbers(ref writer, Resize is { } size ? [size.Height, size.Width] : []);
        writer.Write("images");
        writer.Write(Statistics.Images);
        writer.Write("value_pixels");
        WriteNumbers(ref writer, Statistics.PixelsByValue);
        writer.Write("class_pixels");
        WriteNumbers(ref writer, Statistics.ClassPixels);
        writer.Write("class_images");
        WriteNumbers(ref writer, Statistics.ClassImages.Select(images => (long)images));
        writer.Write("other_pixels");
        WriteNumbers(ref writer, [Statistics.IgnoredPixels, Statistics.UnknownPixels]);
        writer.Write("sha256");
        writer.Write(ContentHash);
        writer.Write("record_crc32c");
        WriteNumbers(ref writer, RecordChecksums.Select(checksum => (long)checksum));
    }

    /// <summary>The codec's name as the command line writes it.</summary>
    internal static string CodecName(ImageCodec codec) => codec.ToString().ToLowerInvariant();

    private static void WriteNumbers(ref MessagePackWriter writer, IEnumerable<long> numbers)
    {
        long[] all = [.. numbers];
        writer.WriteArrayHeader(all.Length);
        foreach (long number in all)
        {
            writer.Write(number);
        }
    }

    /// <summary>The entries read so far of a manifest in a MessagePack map.</summary>
    internal sealed class Reader
    {
        private readonly Dictionary<string, long[]> _numbers = [];
        private ClassTable? _classes;
        private ImageCodec _codec;
        private int _images;
        private string _hash = "";

        /// <summary>Reads the value of a key that belongs to the manifest; false for another key.</summary>
        public bool TryRead(string? key, ref MessagePackReader reader)
        {
            switch (key)
            {
                case "classes":
                    _classes = ReadClasses(ref reader);
                    return true;
                case "codec":
                    string codec = reader.ReadString() ?? "";
                    _codec = Enum.TryParse(codec, ignoreCase: true, out ImageCodec known) ? known : throw new MessagePackSerializationException($"The codec '{codec}' is unknown.");
                    return true;
                case "images":
                    _images = reader.ReadInt32();
                    return true;
                case "sha256":
                    _hash = reader.ReadString() ?? "";
                    return true;
                case "train_ids" or "size" or "value_pixels" or "class_pixels" or "class_images" or "other_pixels" or "record_crc32c":
                    var numbers = new long[reader.ReadArrayHeader()];
                    for (int i = 0; i < numbers.Length; i++)
                    {
                        numbers[i] = reader.ReadInt64();
                    }

                    _numbers[key] = numbers;
                    return true;
                default:
                    return false;
            }
        }

        /// <summary>The manifest; null where the map had none of it, as in packs of the first form.</summary>
        /// <param name="records">The number of records.</param>
        /// <exception cref="MessagePackSerializationException">Parts are missing or do not fit together.</exception>
        public PackManifest? Finish(int records)
        {
            if (_classes is null && _numbers.Count == 0)
            {
                return null;
            }

            long[] ids = Numbers("train_ids", 256), size = Numbers("size", null), other = Numbers("other_pixels", 2);
            if (_classes is null || size.Length is not (0 or 2) || ids.Any(id => id is < LabelRemap.Unknown or > 255) || ids.All(id => id == LabelRemap.Unknown))
            {
                throw new MessagePackSerializationException("The manifest is incomplete.");
            }

            var remap = new LabelRemap(
                ids.Select((id, value) => (id, value)).Where(entry => entry.id >= 0).Select(entry => KeyValuePair.Create((byte)entry.value, (byte)entry.id)), "label values of this pack");
            var statistics = new LabelStatistics(
                _images, Numbers("value_pixels", 256), Numbers("class_pixels", _classes.Count), [.. Numbers("class_images", _classes.Count).Select(images => (int)images)], other[0], other[1]);
            return new PackManifest(_classes, remap, _codec, size.Length == 2 ? new PackSize((int)size[0], (int)size[1]) : null, statistics, _hash)
            {
                // Packs of format 2 have none.
                RecordChecksums = _numbers.GetValueOrDefault("record_crc32c") is { Length: > 0 } ? [.. Numbers("record_crc32c", records).Select(checksum => checked((uint)checksum))] : [],
            };
        }

        private long[] Numbers(string key, int? length) => _numbers.TryGetValue(key, out long[]? numbers) && (length is null || numbers.Length == length)
            ? numbers
            : throw new MessagePackSerializationException($"The manifest's entry '{key}' is missing or of the wrong length.");

        private static ClassTable ReadClasses(ref MessagePackReader reader)
        {
            var classes = new ClassEntry[reader.ReadArrayHeader()];
            for (int i = 0; i < classes.Length; i++)
            {
                if (reader.ReadArrayHeader() != 4)
                {
                    throw new MessagePackSerializationException("A class is not a name with three colours.");
                }

                classes[i] = new ClassEntry(reader.ReadString() ?? "", reader.ReadByte(), reader.ReadByte(), reader.ReadByte());
            }

            try
            {
                return new ClassTable(classes);
            }
            catch (ArgumentException fault)
            {
                throw new MessagePackSerializationException(fault.Message, fault);
            }
        }
    }
}
