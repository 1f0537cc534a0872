using Tessera.Core;

namespace Tessera.Data;

/// <summary>Which encoding labels really have, as far as their values tell.</summary>
/// <param name="Encoding">cityscapes-ids, ids, train-ids, train-ids+1 (0 is ignored, class n is n + 1), palette or rgb.</param>
/// <param name="Confidence">0 to 1: this encoding's weight among those that were weighed.</param>
/// <param name="Reason">What speaks for it.</param>
public sealed record EncodingGuess(string Encoding, double Confidence, string Reason)
{
    /// <summary>At this confidence a guess that contradicts the declared encoding is an error.</summary>
    public const double Certain = 0.85;

    /// <summary>Weighs what gray values may mean.</summary>
    /// <remarks>
    /// The weight of an encoding is (1 - share of ignored pixels) · (1 - share of classes that only values above the largest seen one
    /// have) · (1, or 0.05·exp(-10·share of pixels without a meaning) where there are any). Wrong encodings ignore much, leave most
    /// classes out or meet values without a meaning.
    /// </remarks>
    /// <param name="pixelsByValue">Pixels of each value 0..255, not all 0.</param>
    /// <param name="declared">What the values are said to mean.</param>
    internal static EncodingGuess FromValues(IReadOnlyList<long> pixelsByValue, LabelMeaning declared)
    {
        (LabelMeaning Meaning, Evidence Evidence)[] weighed = [.. Candidates(pixelsByValue, declared).Select(meaning => (meaning, Weigh(pixelsByValue, meaning)))];
        (LabelMeaning best, Evidence evidence) = weighed.MaxBy(candidate => candidate.Evidence.Weight);
        double confidence = evidence.Weight / weighed.Sum(candidate => candidate.Evidence.Weight);
        return new EncodingGuess(best.Name, confidence, evidence.ToString());
    }

    private static IEnumerable<LabelMeaning> Candidates(IReadOnlyList<long> pixelsByValue, LabelMeaning declared)
    {
        var candidates = new List<LabelMeaning> { declared };
        int count = declared.Classes.Count;
        if (count < ClassTable.Ignore)
        {
            candidates.Add(LabelMeaning.Of(LabelEncoding.TrainIds(declared.Classes)));
        }

        if (count == ClassTable.Cityscapes.Count)
        {
            candidates.Add(LabelMeaning.Of(LabelEncoding.Cityscapes));
        }

        // Values 0..count without 255 are what data sets with a background class in front look like.
        if (count < ClassTable.Ignore && pixelsByValue[count] > 0 && pixelsByValue[ClassTable.Ignore] == 0)
        {
            var shifted = Enumerable.Range(0, count + 1).ToDictionary(value => value, value => value == 0 ? ClassTable.Ignore : value - 1);
            candidates.Add(LabelMeaning.Of(LabelEncoding.LabelIds(shifted, declared.Classes)) with { Name = "train-ids+1" });
        }

        return candidates.DistinctBy(candidate => string.Join(",", Enumerable.Range(0, 256).Select(value => candidate.Remap.TrainIdOf((byte)value))));
    }

    private static Evidence Weigh(IReadOnlyList<long> pixelsByValue, LabelMeaning meaning)
    {
        long all = pixelsByValue.Sum(), ignored = 0, unknown = 0;
        int largest = 0;
        var reachable = new bool[meaning.Classes.Count];
        for (int value = 0; value < 256; value++)
        {
            int trainId = meaning.Remap.TrainIdOf((byte)value);
            ignored += trainId == ClassTable.Ignore ? pixelsByValue[value] : 0;
            unknown += trainId == LabelRemap.Unknown ? pixelsByValue[value] : 0;
            largest = value < ClassTable.Ignore && pixelsByValue[value] > 0 ? value : largest;
        }

        for (int value = 0; value <= largest; value++)
        {
            if (meaning.Remap.TrainIdOf((byte)value) is int trainId and >= 0 and < ClassTable.Ignore && trainId < reachable.Length)
            {
                reachable[trainId] = true;
            }
        }

        return new Evidence(ignored / (double)all, unknown / (double)all, reachable.Count(found => !found), reachable.Length);
    }

    private readonly record struct Evidence(double Ignored, double Unknown, int Missing, int Classes)
    {
        public double Weight => (1 - Ignored + 1e-6) * (1 - (Missing / (double)Classes) + 1e-6) * (Unknown > 0 ? 0.05 * Math.Exp(-10 * Unknown) : 1);

        public override string ToString() => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"read so, {Ignored * 100:F1} % of the pixels are ignored, {Unknown * 100:F1} % mean nothing, and {Missing} of {Classes} classes lie above the largest value");
    }
}
