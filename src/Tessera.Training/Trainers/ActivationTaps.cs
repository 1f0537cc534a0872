using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Tessera.Quantization;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// Collects the observed values of a forward pass and shows them to the observers, several values at a time, because observing costs as much
/// as computing. Values are held without a copy and observed when enough have come.
/// </summary>
internal sealed class ActivationTaps(CalibrationSession session) : IDisposable
{
    private const long ElementsHeld = 1 << 26; // 256 MB

    private readonly HashSet<string> _observed = [.. session.ObservedValues];
    private readonly List<(string Name, Tensor Values)> _pending = [];
    private long _elements;

    /// <summary>Takes a node's output; fits <see cref="GraphModule.ForwardTapped"/>.</summary>
    public void Take(string name, Tensor values)
    {
        if (!_observed.Contains(name))
        {
            return;
        }

        using Tensor detached = values.detach();
        _pending.Add((name, detached.contiguous().DetachFromDisposeScope()));
        _elements += values.numel();
        if (_elements >= ElementsHeld)
        {
            Flush();
        }
    }

    /// <summary>Observes what has been taken; call it after every batch.</summary>
    /// <exception cref="Core.WorkException">A value is NaN or infinite; the message names the node.</exception>
    public void Flush()
    {
        try
        {
            // The largest first, so that no thread is left alone with one at the end.
            Parallel.ForEach(
                _pending.OrderByDescending(item => item.Values.numel()),
                item => session.Observe(item.Name, MemoryMarshal.Cast<byte, float>(item.Values.bytes)));
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
        finally
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor values) in _pending)
        {
            values.Dispose();
        }

        _pending.Clear();
        _elements = 0;
    }
}
