namespace Tessera.Data;

/// <summary>What a batch says about one of its images.</summary>
/// <param name="Name">The sample's name.</param>
/// <param name="Index">Its index in the pack.</param>
/// <param name="OriginalHeight">Rows before the resize.</param>
/// <param name="OriginalWidth">Columns before the resize.</param>
/// <param name="OriginalLabel">Train ids at the original size, without resize or augmentation; null unless the loader was told to keep them.</param>
public sealed record SampleInfo(string Name, int Index, int OriginalHeight, int OriginalWidth, byte[]? OriginalLabel);

/// <summary>Images and labels, ready for the network. Dispose hands the buffers back to the loader for a later batch.</summary>
public sealed class Batch : IDisposable
{
    private readonly BatchBuffers _buffers;
    private readonly SampleInfo[] _samples;
    private bool _disposed;

    internal Batch(BatchBuffers buffers, int count, int height, int width, IReadOnlyList<int> strides)
    {
        _buffers = buffers;
        _samples = new SampleInfo[count];
        (Count, Height, Width) = (count, height, width);
        int pixels = checked(count * height * width);
        Images = buffers.Signed.Rent(checked(pixels * 3));
        Labels = buffers.Bytes.Rent(pixels);
        StrideLabels = strides.ToDictionary(stride => stride, stride => buffers.Bytes.Rent(pixels / (stride * stride)));
    }

    /// <summary>Number of images.</summary>
    public int Count { get; }

    /// <summary>Rows of each image.</summary>
    public int Height { get; }

    /// <summary>Columns of each image.</summary>
    public int Width { get; }

    /// <summary>Count·Height·Width·3 int8 values: YUV444 minus 128, interleaved. This is the normalised image at scale 1/128.</summary>
    public sbyte[] Images { get; }

    /// <summary>Count·Height·Width train ids at the input's size, 255 = ignored.</summary>
    public byte[] Labels { get; }

    /// <summary>For each stride 4, 8, 16, 32, 64 Count·(Height/stride)·(Width/stride) train ids; empty unless the loader was told to make them.</summary>
    public IReadOnlyDictionary<int, byte[]> StrideLabels { get; }

    /// <summary>What is known about each image, in the batch's order.</summary>
    public IReadOnlyList<SampleInfo> Samples => _samples;

    /// <summary>Hands the buffers back; they must not be used afterwards.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _buffers.Signed.Return(Images);
        _buffers.Bytes.Return(Labels);
        foreach (byte[] labels in StrideLabels.Values)
        {
            _buffers.Bytes.Return(labels);
        }
    }

    internal void SetSample(int slot, SampleInfo sample) => _samples[slot] = sample;
}
