using System.Collections.Concurrent;

namespace Tessera.Data;

/// <summary>The arrays that batches of one loader pass on to each other.</summary>
internal sealed class BatchBuffers(int perLength)
{
    public ExactPool<sbyte> Signed { get; } = new(perLength);

    public ExactPool<byte> Bytes { get; } = new(perLength);

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
