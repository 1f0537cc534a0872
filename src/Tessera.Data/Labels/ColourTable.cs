using Tessera.Core;

namespace Tessera.Data;

/// <summary>Colours of RGB labels to train ids.</summary>
internal sealed class ColourTable
{
    private readonly Dictionary<int, byte> _trainIds = [];
    private readonly bool _ignoreUnknown;

    /// <exception cref="UsageException">Two entries of one colour mean different classes.</exception>
    public ColourTable(IEnumerable<ColourClass> colours, bool ignoreUnknown)
    {
        _ignoreUnknown = ignoreUnknown;
        foreach (ColourClass colour in colours)
        {
            int key = Key(colour.Red, colour.Green, colour.Blue);
            if (_trainIds.TryGetValue(key, out byte other) && other != colour.TrainId)
            {
                throw new UsageException($"The colour ({colour.Red}, {colour.Green}, {colour.Blue}) stands for the train ids {other} and {colour.TrainId}; give every class its own colour.");
            }

            _trainIds[key] = colour.TrainId;
        }
    }

    /// <summary>Replaces colours by train ids; pixels of unknown colours are ignored.</summary>
    /// <param name="image">The label.</param>
    /// <param name="problem">The first colour that stands for no class and its pixel; null where there is none, or such pixels are to be ignored.</param>
    public byte[] ToTrainIds(RgbImage image, out string? problem)
    {
        problem = null;
        var values = new byte[image.Height * image.Width];
        int lastKey = -1;
        byte last = ClassTable.Ignore;
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = 0, from = 0; i < values.Length; i++, from += 3)
        {
            int key = Key(pixels[from], pixels[from + 1], pixels[from + 2]);

            // Neighbours mostly have the same class, so most pixels need no look-up.
            if (key != lastKey)
            {
                if (!_trainIds.TryGetValue(key, out last))
                {
                    last = ClassTable.Ignore;
                    problem ??= _ignoreUnknown ? null : $"the colour ({key >> 16}, {(key >> 8) & 255}, {key & 255}) at row {i / image.Width}, column {i % image.Width}, which stands for no class";
                }

                lastKey = key;
            }

            values[i] = last;
        }

        return values;
    }

    private static int Key(byte red, byte green, byte blue) => (red << 16) | (green << 8) | blue;
}
