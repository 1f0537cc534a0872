using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Resizes samples as they are packed, so that training at that size gets exactly what it would get from an unresized pack.
/// </summary>
/// <remarks>
/// <see cref="SegResize"/> decides in train ids; a pixel then stores the smallest value that means its train id. Label ids that mean
/// the same class, or are ignored alike, become one value: training cannot tell them apart.
/// </remarks>
internal sealed class PackResize
{
    private readonly PackSize _size;
    private readonly LabelRemap _remap;
    private readonly byte[] _storedValues = new byte[256];

    /// <exception cref="UsageException">The encoding has no value for ignored pixels, which resizing needs at borders.</exception>
    public PackResize(PackSize size, LabelEncoding encoding)
    {
        (_size, _remap) = (size, encoding.Remap);
        if (_remap.FirstValueOf(ClassTable.Ignore) < 0)
        {
            throw new UsageException("Resizing needs a label value for ignored pixels, because classes meet within a pixel; map one label id to 255 in 'ids'.");
        }

        for (int trainId = 0; trainId < 256; trainId++)
        {
            // Train ids that no value means never occur; 0 stands there unused.
            _storedValues[trainId] = (byte)Math.Max(0, _remap.FirstValueOf((byte)trainId));
        }
    }

    /// <summary>The sample at the wanted size; itself where it has that size.</summary>
    /// <exception cref="BadFileException">A label value means nothing.</exception>
    public (RgbImage Image, LabelImage Label) Apply(RgbImage image, LabelImage label, string name)
    {
        if ((image.Height, image.Width) == (_size.Height, _size.Width))
        {
            return (image, label);
        }

        var pixels = new byte[_size.Height * _size.Width * 3];
        SegResize.Image(image.Pixels, image.Height, image.Width, pixels, _size.Height, _size.Width);
        var trainIds = new byte[label.Values.Length];
        _remap.Apply(label.Values, trainIds, label.Width, name);
        var values = new byte[_size.Height * _size.Width];
        SegResize.Label(trainIds, label.Height, label.Width, values, _size.Height, _size.Width);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _storedValues[values[i]];
        }

        return (new RgbImage(pixels, _size.Height, _size.Width), new LabelImage(values, _size.Height, _size.Width));
    }
}
