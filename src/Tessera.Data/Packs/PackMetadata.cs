using System.Buffers;
using MessagePack;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>What Tessera stores in a pack beside HAT's records, under <see cref="Key"/>: a MessagePack map that HAT's readers never ask for.</summary>
/// <param name="Tool">The program and version that wrote the pack.</param>
/// <param name="Encoding">What label values mean, for example <c>cityscapes-label-ids</c>.</param>
/// <param name="Names">The samples' names in the order of the records.</param>
public sealed record PackMetadata(string Tool, string Encoding, IReadOnlyList<string> Names)
{
    /// <summary>What the pack says about its content; null in packs of the first form.</summary>
    public PackManifest? Manifest { get; init; }

    /// <summary>The key of the metadata.</summary>
    public const string Key = "__tessera__";

    /// <summary>The <see cref="Encoding"/> of raw Cityscapes label ids 0..33.</summary>
    public const string CityscapesLabelIds = "cityscapes-label-ids";

    /// <summary>The <see cref="Encoding"/> of label ids with a table of their own.</summary>
    public const string LabelIds = "label-ids";

    /// <summary>The <see cref="Encoding"/> of train ids.</summary>
    public const string TrainIds = "train-ids";

    /// <summary>The newest form that this version reads.</summary>
    public const int Format = 3;

    /// <summary>The last entry since format 3: the CRC-32C of all bytes before its value, always five bytes long.</summary>
    private const string ChecksumKey = "crc32c";
    private const int ChecksumBytes = 5;
    private const int FirstFormatWithChecksum = 3;

    internal byte[] Serialize()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteMapHeader(5 + (Manifest is null ? 0 : PackManifest.EntryCount));
        writer.Write("format");
        writer.Write(Format);
        writer.Write("tool");
        writer.Write(Tool);
        writer.Write("encoding");
        writer.Write(Encoding);
        writer.Write("names");
        writer.WriteArrayHeader(Names.Count);
        foreach (string name in Names)
        {
            writer.Write(name);
        }

        Manifest?.Write(ref writer);
        writer.Write(ChecksumKey);
        writer.Flush();
        writer.WriteUInt32(Crc32C.Of(output.WrittenSpan));
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads metadata; keys that this version does not know are skipped.</summary>
    /// <exception cref="BadFileException">The bytes are something else, or a newer form.</exception>
    internal static PackMetadata Deserialize(ReadOnlyMemory<byte> bytes, string pack)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            string tool = "", encoding = "";
            int format = 0;
            bool isChecked = false;
            string[] names = [];
            var manifest = new PackManifest.Reader();
            for (int entries = reader.ReadMapHeader(); entries > 0; entries--)
            {
                string? key = reader.ReadString();
                switch (key)
                {
                    case "format":
                        format = reader.ReadInt32();
                        CheckFormat(format, pack);
                        break;
                    case ChecksumKey:
                        if (reader.Consumed != bytes.Length - ChecksumBytes || reader.ReadUInt32() != Crc32C.Of(bytes.Span[..^ChecksumBytes]))
                        {
                            throw new MessagePackSerializationException("The checksum differs.");
                        }

                        isChecked = true;
                        break;
                    case "tool":
                        tool = reader.ReadString() ?? "";
                        break;
                    case "encoding":
                        encoding = reader.ReadString() ?? "";
                        break;
                    case "names":
                        names = new string[reader.ReadArrayHeader()];
                        for (int i = 0; i < names.Length; i++)
                        {
                            names[i] = reader.ReadString() ?? "";
                        }

                        break;
                    default:
                        if (!manifest.TryRead(key, ref reader))
                        {
                            reader.Skip();
                        }

                        break;
                }
            }

            // A map that ends early hides its checksum.
            return reader.End && (isChecked || format < FirstFormatWithChecksum)
                ? new PackMetadata(tool, encoding, names) { Manifest = manifest.Finish(names.Length) }
                : throw new MessagePackSerializationException("The checksum is missing, or something follows it.");
        }
        catch (Exception fault) when (fault is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            throw new BadFileException($"The metadata '{Key}' of the pack {pack} are damaged. Copy the pack again, or pack the data again.", fault);
        }
    }

    private static void CheckFormat(int format, string pack)
    {
        if (format > Format)
        {
            throw new BadFileException($"The pack {pack} was written by a newer version (metadata form {format}, this version reads up to {Format}). Update Tessera or pack again.");
        }
    }
}
