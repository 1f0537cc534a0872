using System.Security.Cryptography;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Looks at the records of a pack.</summary>
internal sealed class PackInspection(LmdbStore store, LabelMeaning meaning, string split, bool patterns)
{
    private readonly LabelInspection _label =
        new(meaning, split, "Run 'tessera data check' on the source data, then pack them again with the encoding that they have.");

    public SampleFacts Inspect(int index)
    {
        string name = store.Describe(index);
        var facts = new SampleFacts(store.Name(index), SegmentationLayout.GroupOf(store.Name(index)), name) { Format = "gray" };
        try
        {
            byte[] record = store.GetRecord(index);
            if (store.Metadata?.Manifest?.RecordFault(index, record) is { } changed)
            {
                facts.Findings.Add(new Finding(FindingSeverity.Error, "record-changed", split, name, $"The record {changed}", "Copy the pack again, or pack the data again with 'tessera pack'."));
            }

            (RgbImage image, LabelImage label) = SampleRecord.Decode(record, name);
            facts.Size = (image.Height, image.Width);
            facts.ImageHash = ImagePattern.Hash(image);
            facts.Pattern = patterns ? ImagePattern.Of(image) : null;
            _label.Inspect(label, name, facts);
            _label.Compare(image, label, name, facts);
        }
        catch (BadFileException fault)
        {
            facts.Findings.Add(Finding.Unreadable(split, name, fault));
        }

        return facts;
    }

    /// <summary>Compares the pack with its manifest.</summary>
    public IEnumerable<Finding> CheckManifest()
    {
        if (store.Metadata?.Manifest is not { } manifest)
        {
            yield return new Finding(
                FindingSeverity.Info, "no-manifest", split, "", "The pack has no manifest: another tool or an older version wrote it. Its labels are taken for raw Cityscapes label ids.",
                "Nothing, or pack the data again with 'tessera pack'.");
            yield break;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = [];
        for (int i = 0; i < store.Count; i++)
        {
            int length = store.ReadRecord(i, ref buffer);
            hash.AppendData(buffer, 0, length);
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != manifest.ContentHash)
        {
            yield return new Finding(
                FindingSeverity.Error, "content-changed", split, "", "The records are not those that were packed: their SHA-256 differs from the manifest's.", "Copy the pack again, or pack the data again with 'tessera pack'.");
        }
    }
}
