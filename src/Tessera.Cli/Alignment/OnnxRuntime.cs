using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tessera.Core;

namespace Tessera.Cli.Alignment;

/// <summary>ONNX models in ONNX Runtime.</summary>
internal static class OnnxRuntime
{
    /// <summary>Loads a model that lies in memory.</summary>
    /// <param name="write">Writes it.</param>
    /// <param name="remedy">How to do without, as a sentence.</param>
    /// <exception cref="WorkException">The native library cannot be loaded.</exception>
    public static InferenceSession Load(Action<Stream> write, string remedy)
    {
        using var model = new MemoryStream();
        write(model);
        try
        {
            return new InferenceSession(model.ToArray());
        }
        catch (Exception fault) when (fault is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new WorkException($"ONNX Runtime cannot be loaded: {(fault.InnerException ?? fault).Message} {remedy}", fault);
        }
    }

    /// <summary>An image as planes, 1×3×H×W.</summary>
    /// <param name="image">H×W×3.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    public static DenseTensor<sbyte> Planes(ReadOnlySpan<sbyte> image, int height, int width)
    {
        var planes = new DenseTensor<sbyte>([1, 3, height, width]);
        Span<sbyte> target = planes.Buffer.Span;
        for (int i = 0; i < height * width; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                target[(c * height * width) + i] = image[(i * 3) + c];
            }
        }

        return planes;
    }
}
