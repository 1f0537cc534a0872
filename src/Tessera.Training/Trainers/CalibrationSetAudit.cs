using System.Globalization;
using Tessera.Core;
using Tessera.Data;

namespace Tessera.Training;

/// <summary>Watches the images of a calibration and says whether scales can be learned from them. Keeps one image and a count per class.</summary>
internal sealed class CalibrationSetAudit
{
    /// <summary>The share of validation's labelled pixels from which a class that was never observed matters.</summary>
    private const double ClassShare = 0.001;

    private readonly long[] _pixels = new long[256];
    private sbyte[]? _first;
    private int _equal;

    /// <summary>Images seen.</summary>
    public int Images { get; private set; }

    /// <summary>Images of a single colour.</summary>
    public int Plain { get; private set; }

    /// <summary>What to say of images of a single colour; null where there is none.</summary>
    public string? PlainNote => Plain == 0 ? null
        : $"{Plain} of the {Images} calibration images show a single colour, from which no range can be learned: look at the images of data_loader.dataset.data_path.";

    /// <summary>Looks at a batch.</summary>
    public void Add(SegmentationBatch batch)
    {
        int length = batch.Images.Length / batch.Count;
        for (int i = 0; i < batch.Count; i++)
        {
            ReadOnlySpan<sbyte> image = batch.Images.AsSpan(i * length, length);
            _first ??= image.ToArray();
            _equal += image.SequenceEqual(_first) ? 1 : 0;

            // All pixels are equal where each value equals the one of the pixel before.
            Plain += image[3..].SequenceEqual(image[..^3]) ? 1 : 0;
        }

        foreach (byte label in batch.Labels)
        {
            _pixels[label]++;
        }

        Images += batch.Count;
    }

    /// <summary>What is wrong with the images alone.</summary>
    /// <param name="available">Images that the set has.</param>
    public IEnumerable<string> OfImages(int available)
    {
        if (2 * Plain >= Images)
        {
            yield return PlainNote!;
        }
        else if (_equal == Images && Images > 1 && available > 1)
        {
            yield return $"All {Images} calibration images are the same one: look at the images of data_loader.dataset.data_path.";
        }
    }

    /// <summary>What validation has and the images lacked, where the set has images that were not observed.</summary>
    /// <param name="validation">The validation after calibration.</param>
    /// <param name="available">Images that the set has.</param>
    public IEnumerable<string> OfClasses(MetricTable validation, int available)
    {
        long least = (long)(ClassShare * validation.PixelCount);
        string[] unseen = [.. validation.Classes.Where((entry, id) => entry.Truth > least && _pixels[id] == 0).Select(entry => string.Create(
            CultureInfo.InvariantCulture, $"{PrintableText.Escape(entry.Name)} ({100.0 * entry.Truth / validation.PixelCount:0.0} % of validation)"))];
        if (unseen.Length > 0 && Images < available)
        {
            yield return $"The {Images} calibration images show nothing of {string.Join(", ", unseen)}: raise calibration_trainer.num_images; the set has {available}.";
        }
    }
}
