using System.Collections.Concurrent;

namespace Tessera.Data;

/// <summary>The arrays that batches of one loader pass on to each other.</summary>
internal sealed class BatchBuffers(int perLength)
{
    public ExactPool<sbyte> Signed { get; } = new(perLength);

    public ExactPool<byte> Bytes { get; } = new(perLength);

    /// <summary>An empty batch whose arrays come from here and go back when it is disposed; the samples are the caller's to fill.</summary>
    public SegmentationBatch NewBatch(SampleInfo[] samples, int height, int width, IEnumerable<int> strides)
    {
        int pixels = checked(samples.Length * height * width);
        sbyte[] images = Signed.Rent(checked(pixels * 3));
        byte[] labels = Bytes.Rent(pixels);
        var strideLabels = strides.Distinct().ToDictionary(stride => stride, stride => Bytes.Rent(pixels / stride / stride));
        return new SegmentationBatch(height, width, images, labels, strideLabels, samples, new Loan(() =>
        {
            Signed.Return(images);
            foreach (byte[] array in strideLabels.Values.Prepend(labels))
            {
                Bytes.Return(array);
            }
        }));
    }

    private sealed class Loan(Action giveBack) : IDisposable
    {
        public void Dispose() => giveBack();
    }

    /// <summary>Arrays of exactly the wanted length; keeps at most so many of each length and leaves the rest to the collector.</summary>
    internal sealed class ExactPool<T>(int perLength)
    {
        private readonly ConcurrentDictionary<int, ConcurrentBag<T[]>> _free = new();

        /// <summary>Makes a new array; tests let memory run out here.</summary>
        public Func<int, T[]> Allocate { get; set; } = length => GC.AllocateUninitializedArray<T>(length);

        /// <summary>An array whose content is undefined.</summary>
        public T[] Rent(int length) =>
            _free.TryGetValue(length, out ConcurrentBag<T[]>? bag) && bag.TryTake(out T[]? array) ? array : Allocate(length);

        public void Return(T[] array)
        {
            ConcurrentBag<T[]> bag = _free.GetOrAdd(array.Length, _ => []);
            if (bag.Count < perLength)
            {
                bag.Add(array);
            }
        }
    }
}
