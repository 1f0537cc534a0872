using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Takes the momentum buffers out of an optimizer and puts them back, by parameter name.</summary>
internal static class MomentumBuffers
{
    /// <summary>Copies the buffers that exist: none before the first step.</summary>
    public static Dictionary<string, float[]> Read(SGD optimizer, GraphModule module)
    {
        var buffers = new Dictionary<string, float[]>();
        foreach ((string name, _, SGD.State state) in States(optimizer, module))
        {
            if (state.momentum_buffer is { } buffer)
            {
                buffers[name] = MemoryMarshal.Cast<byte, float>(buffer.bytes).ToArray();
            }
        }

        return buffers;
    }

    /// <summary>Gives the optimizer copies of the buffers; a parameter without one starts afresh.</summary>
    public static void Write(SGD optimizer, GraphModule module, IReadOnlyDictionary<string, float[]> buffers)
    {
        foreach ((string name, TorchSharp.Modules.Parameter parameter, SGD.State state) in States(optimizer, module))
        {
            if (buffers.TryGetValue(name, out float[]? values))
            {
                state.momentum_buffer?.Dispose();
                using Tensor managed = tensor(values, parameter.shape);
                state.momentum_buffer = managed.clone().DetachFromDisposeScope();
            }
        }
    }

    private static IEnumerable<(string Name, TorchSharp.Modules.Parameter Parameter, SGD.State State)> States(SGD optimizer, GraphModule module)
    {
        // The optimizer knows parameters by their native handle, and lists states in the order of its parameters.
        Dictionary<IntPtr, string> names = module.TrainedParameters.ToDictionary(item => item.Tensor.Handle, item => item.Name);
        return optimizer.parameters().Zip(optimizer.state_dict().State, (parameter, state) => (names[parameter.Handle], parameter, (SGD.State)state));
    }
}
