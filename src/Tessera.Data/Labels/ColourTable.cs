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

    /// <summary>Replaces colours by train ids.</summary>
    /// <exception cref="BadFileException">A colour stands for no class, unless such pixels are to be ignored.</exception>
    public byte[] ToTrainIds(RgbImage image, string name)
    {
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
                last = Find(key, i, image.Width, name);
                lastKey = key;
            }

            values[i] = last;
        }

        return values;
    }

    private byte Find(int key, int place, int width, string name)
    {
        if (_trainIds.TryGetValue(key, out byte trainId))
        {
            return trainId;
        }

        return _ignoreUnknown ? ClassTable.Ignore : throw new BadFileException(
            $"The label of {name} holds the colour ({key >> 16}, {(key >> 8) & 255}, {key & 255}) at row {place / width}, column {place % width}, which stands for no class. " +
            "Add it to the class table, or set 'ignore_unknown_colours: true' to ignore such pixels.");
    }

    private static int Key(byte red, byte green, byte blue) => (red << 16) | (green << 8) | blue;
}
