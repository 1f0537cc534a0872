using System.Globalization;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>One decoded sample.</summary>
/// <param name="Name">The sample's name, or its index in packs without names.</param>
/// <param name="Index">Its index in the pack.</param>
/// <param name="Image">The image at its original size.</param>
/// <param name="Label">Train ids at the original size, 255 = ignored.</param>
public sealed record SegmentationSample(string Name, int Index, RgbImage Image, LabelImage Label);

/// <summary>The labelled images of a pack, with label ids already replaced by train ids. Reading is safe from several threads at once.</summary>
public sealed class SegmentationDataset : IDisposable
{
    private readonly LmdbStore _store;
    private readonly LabelRemap _remap;

    private SegmentationDataset(LmdbStore store, LabelRemap remap) => (_store, _remap) = (store, remap);

    /// <summary>Number of samples, at least 1.</summary>
    public int Count => _store.Count;

    /// <summary>The folder of the pack.</summary>
    public string Path => _store.Path;

    /// <summary>What Tessera stored beside the records; null in packs of other tools.</summary>
    public PackMetadata? Metadata => _store.Metadata;

    /// <summary>Tells data sets apart: <see cref="PackManifest.Identity"/>, and for a pack without a manifest the number of its records.</summary>
    public string Identity => Metadata?.Manifest?.Identity ?? string.Create(CultureInfo.InvariantCulture, $"{Count} records without a manifest");

    /// <summary>Opens a pack.</summary>
    /// <param name="packPath">The folder that holds data.mdb.</param>
    /// <param name="remap">What stored labels become; default: what the pack's manifest says, without one Cityscapes label ids to train ids.</param>
    /// <exception cref="BadFileException">The pack is missing, truncated, damaged or of another kind.</exception>
    public static SegmentationDataset Open(string packPath, LabelRemap? remap = null)
    {
        LmdbStore store = LmdbStore.Open(packPath);
        return new SegmentationDataset(store, remap ?? store.Metadata?.Manifest?.Remap ?? CityscapesLabels.ToTrainIds);
    }

    /// <summary>The name of a sample.</summary>
    public string Name(int index) => _store.Name(index);

    /// <summary>Reads and decodes one sample.</summary>
    /// <exception cref="BadFileException">The record is damaged or holds a label id outside the table; the message names it.</exception>
    public SegmentationSample Read(int index)
    {
        byte[] record = [], pixels = [], label = [];
        ReadRecord(index, ref record, out int length);
        (int height, int width) = Decode(index, record.AsMemory(0, length), ref pixels, ref label);
        return new SegmentationSample(Name(index), index, new RgbImage(pixels, height, width), new LabelImage(label, height, width));
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    /// <summary>Checks that the pack is still where it was opened.</summary>
    /// <exception cref="BadFileException">The pack was deleted or moved away.</exception>
    internal void CheckPresent() => _store.CheckPresent();

    /// <summary>What to call a sample in messages.</summary>
    internal string Describe(int index) => _store.Describe(index);

    /// <summary>Reads a record and compares it with the checksum that the pack states; packs of other tools and older formats state none.</summary>
    /// <exception cref="BadFileException">The record is not what was packed, or the file cannot be read any more.</exception>
    internal void ReadRecord(int index, ref byte[] record, out int length)
    {
        length = _store.ReadRecord(index, ref record);
        if (Metadata?.Manifest?.RecordFault(index, record.AsSpan(0, length)) is { } fault)
        {
            throw new BadFileException($"{Describe(index)} {fault} Copy the pack again, or pack the data again; `tessera data check --pack` names every such record.");
        }
    }

    /// <summary>Decodes into buffers that grow where they are too small.</summary>
    internal (int Height, int Width) Decode(int index, ReadOnlyMemory<byte> record, ref byte[] pixels, ref byte[] label)
    {
        string name = Describe(index);
        SampleRecord.Parts parts = SampleRecord.Split(record, name);
        SampleRecord.DecodeImage(parts, name, ref pixels);
        if (label.Length < parts.Label.Length)
        {
            label = new byte[parts.Label.Length];
        }

        _remap.Apply(parts.Label.Span, label.AsSpan(0, parts.Label.Length), parts.Width, name);
        return (parts.Height, parts.Width);
    }
}
