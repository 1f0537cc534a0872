using System.Runtime.InteropServices;

namespace Tessera.Cli.Benchmarking;

/// <summary>Loads models by their files.</summary>
internal static class BenchModels
{
    /// <summary>Loads a .tsr file into Tessera, an .onnx file into ONNX Runtime.</summary>
    public static IBenchModel Load(string path, sbyte[] image, int threads) =>
        Path.GetExtension(path) == ".onnx" ? new OnnxModel(path, image, threads) : new TesseraModel(path, image, threads);
}

/// <summary>The picture that every runner gets.</summary>
internal static class BenchImage
{
    private const int Seed = 1;

    /// <summary>Noise over the whole range of int8, interleaved; the time of no runner depends on what a picture shows.</summary>
    public static sbyte[] Create(int pixels)
    {
        var image = new sbyte[pixels * 3];
        new Random(Seed).NextBytes(MemoryMarshal.AsBytes(image.AsSpan()));
        return image;
    }
}
