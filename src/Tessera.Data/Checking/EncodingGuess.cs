using System.Globalization;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Which encoding labels really have, as far as their values tell.</summary>
/// <param name="Encoding">cityscapes-ids, ids, train-ids, train-ids+1 (0 is ignored, class n is n + 1), palette or rgb.</param>
/// <param name="Confidence">0 to 1: one divided by the number of encodings that the values fit equally well.</param>
/// <param name="Reason">What speaks for it.</param>
public sealed record EncodingGuess(string Encoding, double Confidence, string Reason)
{
    /// <summary>At this confidence a guess that contradicts the declared encoding is an error.</summary>
    public const double Certain = 0.85;

    // Stray pixels of a damaged label say nothing about the encoding of the others; they are findings of their own.
    private const double StrayShare = 0.001;

    // Label ids of Cityscapes that are rare and not evaluated (parking, rail track, guard rail, bridge, tunnel, polegroup), and frequent classes as train ids.
    private static readonly int[] TellingIds = [9, 10, 14, 15, 16, 18];
    private const int SureTells = 4;
    private const int SomeTells = 3;

    /// <summary>Judges what gray values may mean, only from values that tell encodings apart.</summary>
    /// <remarks>
    /// An encoding is contradicted by values that mean nothing in it, and another one is put in its place only where that gives all of them a meaning.
    /// Cityscapes label ids know every train id below 34, so that train ids which pass for them are told by the <see cref="TellingIds"/>: several of them, and not one
    /// of the ids above the train ids. What is merely rare, missing or ignored says nothing: correct data sets may have few classes.
    /// </remarks>
    /// <param name="pixelsByValue">Pixels of each value 0..255, of all splits together.</param>
    /// <param name="declared">What the values are said to mean.</param>
    /// <returns>The declared encoding where nothing speaks against it; null where the values fit no encoding.</returns>
    internal static EncodingGuess? FromValues(IReadOnlyList<long> pixelsByValue, LabelMeaning declared)
    {
        double all = pixelsByValue.Sum(), strange = UnknownShare(declared);
        LabelMeaning[] rivals = [.. Rivals(pixelsByValue, declared).Where(rival => UnknownShare(rival) <= Math.Min(StrayShare, strange / 10))];
        if (strange > StrayShare)
        {
            return rivals.Length == 0 ? null : new EncodingGuess(rivals[0].Name, 1.0 / rivals.Length, string.Create(
                CultureInfo.InvariantCulture, $"{strange * 100:F1} % of the pixels have values that mean nothing as '{declared.Name}', and all have a meaning as '{rivals[0].Name}'"));
        }

        return PassingTrainIds(pixelsByValue, declared)
            ?? new EncodingGuess(declared.Name, 1.0 / (1 + rivals.Length), rivals.Length == 0 ? "every value has a meaning, and no other encoding fits" : "every value has a meaning; other encodings fit as well");

        double UnknownShare(LabelMeaning meaning) => Enumerable.Range(0, 256).Where(value => meaning.Remap.TrainIdOf((byte)value) == LabelRemap.Unknown).Sum(value => pixelsByValue[value]) / all;
    }

    private static EncodingGuess? PassingTrainIds(IReadOnlyList<long> pixelsByValue, LabelMeaning declared)
    {
        int classes = ClassTable.Cityscapes.Count;
        if (!declared.HasSameTable(LabelMeaning.Of(LabelEncoding.Cityscapes)) || pixelsByValue.Skip(classes + 1).Any(pixels => pixels > 0))
        {
            return null;
        }

        int[] tells = [.. TellingIds.Where(id => pixelsByValue[id] > 0)];
        return tells.Length < SomeTells ? null : new EncodingGuess(
            pixelsByValue[classes] > 0 ? LabelMeaning.ShiftedName : LabelMeaning.TrainIdsName,
            tells.Length >= SureTells ? 1 : 0.5,
            $"the values {string.Join(", ", tells)} occur, which are rare and never evaluated as label ids, and no value above {classes}, where most label ids of street images are");
    }

    private static IEnumerable<LabelMeaning> Rivals(IReadOnlyList<long> pixelsByValue, LabelMeaning declared)
    {
        var rivals = new List<LabelMeaning>();
        int count = declared.Classes.Count;
        if (count < ClassTable.Ignore)
        {
            rivals.Add(LabelMeaning.TrainIds(declared.Classes));

            // Values 0..count are what data sets with an ignored class in front look like; together with 255 they may as well have a class more than declared.
            if (pixelsByValue[count] > 0 && (pixelsByValue[0] == 0 || pixelsByValue[ClassTable.Ignore] == 0))
            {
                rivals.Add(LabelMeaning.Shifted(declared.Classes));
            }
        }

        if (count == ClassTable.Cityscapes.Count)
        {
            rivals.Add(LabelMeaning.Of(LabelEncoding.Cityscapes));
        }

        return rivals.Where(rival => !rival.HasSameTable(declared));
    }
}
