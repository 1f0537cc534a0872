using Tessera.Core;
using TorchSharp;

namespace Tessera.Training;

/// <summary>Prepares the process for libtorch: checks that it loads, keeps freed memory, sets the threads.</summary>
public static class TorchSetup
{
    private static readonly Lock Gate = new();
    private static bool _isLoaded;

    /// <summary>Loads libtorch and applies the options. Call it before any tensor is made; later calls only set the threads again.</summary>
    /// <param name="options">Settings; null takes the defaults.</param>
    /// <exception cref="WorkException">libtorch cannot be loaded; the message names the file, what is missing and the remedy.</exception>
    /// <exception cref="UsageException">The number of threads is below 1.</exception>
    public static void Initialize(TorchOptions? options = null)
    {
        if (options?.Threads is < 1)
        {
            throw new UsageException($"The number of threads is {options.Threads}; it must be at least 1.");
        }

        lock (Gate)
        {
            if (!_isLoaded)
            {
                NativeHeap.KeepFreedMemory();
                Load();
                _isLoaded = true;
            }
        }

        // libtorch counts the machine's cores; a container's quota of processor time is known to .NET alone.
        int threads = options?.Threads ?? Math.Min(torch.get_num_threads(), Environment.ProcessorCount);
        if (threads != torch.get_num_threads())
        {
            torch.set_num_threads(threads);
        }
    }

    private static void Load()
    {
        if (NativeLoadFault.FindReason() is { } reason)
        {
            throw NativeLoadFault.Explain(reason);
        }

        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception fault) when (fault is NotSupportedException or TypeInitializationException or DllNotFoundException or BadImageFormatException)
        {
            throw NativeLoadFault.Explain(fault.Message, fault);
        }
    }
}
