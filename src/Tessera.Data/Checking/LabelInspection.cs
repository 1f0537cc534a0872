using System.Globalization;
using System.Security.Cryptography;

namespace Tessera.Data;

/// <summary>Looks at one decoded label, of a file or a record.</summary>
internal sealed class LabelInspection(LabelMeaning meaning, string split, string unknownValueRemedy)
{
    /// <summary>Counts its values and notes what is wrong with them.</summary>
    public void Inspect(LabelImage label, string name, SampleFacts facts)
    {
        facts.Label = new LabelStatistics(meaning.Classes.Count);
        facts.Label.Add(label.Values, meaning.Remap);
        facts.LabelHash = Convert.ToHexStringLower(SHA256.HashData(label.Values));
        int place = meaning.Remap.FindUnknown(label.Values);
        if (place >= 0)
        {
            facts.Findings.Add(Error(
                "unknown-value", name, $"The label value {label.Values[place]} at row {place / label.Width}, column {place % label.Width} means nothing in the encoding '{meaning.Name}'.", unknownValueRemedy));
        }

        double blended = LabelEdges.BlendedShare(label);
        if (blended > LabelEdges.MostBlended)
        {
            facts.Findings.Add(Error(
                "interpolated-label", name,
                string.Create(CultureInfo.InvariantCulture, $"Its classes meet in values between them (at {blended * 100:F0} % of the edges): it was resized or drawn with interpolation, which invents classes."),
                "Take the label as it was drawn; 'tessera pack --resize H,W' makes data smaller without inventing classes, other tools with the filter 'nearest'."));
        }
    }

    /// <summary>Notes an image that is the picture of its own label.</summary>
    public void Compare(RgbImage image, LabelImage label, string name, SampleFacts facts)
    {
        if (image.Pixels.Length != label.Values.Length * 3 || label.Values.AsSpan().IndexOfAnyExcept(label.Values[0]) < 0)
        {
            return;
        }

        for (int i = 0, from = 0; i < label.Values.Length; i++, from += 3)
        {
            byte value = label.Values[i];
            if (image.Pixels[from] != value || image.Pixels[from + 1] != value || image.Pixels[from + 2] != value)
            {
                return;
            }
        }

        facts.Findings.Add(Error("image-is-label", name, "The image is the label itself: every pixel has the label's value.", "Put the photograph in its place; check --image-dir and --image-suffix."));
    }

    private Finding Error(string code, string file, string message, string remedy) => new(FindingSeverity.Error, code, split, file, message, remedy);
}
