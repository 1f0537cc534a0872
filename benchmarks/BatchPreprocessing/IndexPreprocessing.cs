using Tessera.Data;
using Tessera.Imaging;

namespace Tessera.Benchmarks.BatchPreprocessing;

/// <summary>The same preprocessing as the loader does it: class indices instead of planes, int8 instead of normalised floats.</summary>
internal sealed class IndexPreprocessing
{
    private readonly int _height;
    private readonly int _width;
    private readonly byte[] _trainIds;
    private readonly byte[] _rgb;

    public IndexPreprocessing(int height, int width)
    {
        (_height, _width) = (height, width);
        (_trainIds, _rgb, Label, Image) = (new byte[height * width], new byte[height * width * 3], new byte[height * width], new sbyte[height * width * 3]);
        Coarse = new[] { 4, 8, 16, 32, 64 }.ToDictionary(stride => stride, stride => new byte[height / stride * (width / stride)]);
    }

    public sbyte[] Image { get; }

    public byte[] Label { get; }

    public IReadOnlyDictionary<int, byte[]> Coarse { get; }

    public void Run(byte[] rgb, byte[] ids, double scale)
    {
        Remap(ids);
        AffineImage(rgb, scale);
        AffineLabel(scale);
        Convert();
        Shrink();
    }

    public void Remap(byte[] ids) => CityscapesLabels.ToTrainIds.Apply(ids, _trainIds, _width, "benchmark");

    public void AffineImage(byte[] rgb, double scale) => SegRandomAffine.Image(rgb, _rgb, _height, _width, new AffineParameters(scale));

    public void AffineLabel(double scale) => SegRandomAffine.Label(_trainIds, Label, _height, _width, new AffineParameters(scale));

    public void Convert() => Yuv444.FromRgb(_rgb, Image, _height, _width, YuvSwing.Full);

    public void Shrink()
    {
        foreach ((int stride, byte[] coarse) in Coarse)
        {
            LabelShrink.Apply(Label, _height, _width, stride, coarse);
        }
    }
}
