using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tessera.Graphs.Models;
using Tessera.Onnx;
using Tessera.Programs;

namespace Tessera.Cli.Alignment;

/// <summary>The integer ONNX model in ONNX Runtime: somebody else's implementation of the same arithmetic.</summary>
internal sealed class OnnxRunner : IRunner
{
    private readonly IntegerProgram _program;
    private readonly IntegerTensor _logits;
    private readonly InferenceSession _session;

    /// <summary>Writes the program as ONNX in memory and loads it.</summary>
    /// <exception cref="Core.WorkException">ONNX Runtime's native library cannot be loaded.</exception>
    public OnnxRunner(IntegerProgram program, OnnxMetadata metadata)
    {
        _program = program;
        _logits = IntegerRunner.LogitsTensor(program);
        _session = OnnxRuntime.Load(
            stream => IntegerOnnxWriter.Write(program, metadata, stream, new IntegerOnnxOptions { Logits = true }), "Mend that, or leave this comparison out with --onnx false.");
    }

    /// <inheritdoc/>
    public string Name => "integer ONNX (ONNX Runtime)";

    /// <inheritdoc/>
    public RunnerOutput[] Run(sbyte[] images, int count, int height, int width)
    {
        int length = height * width * 3;
        return [.. Enumerable.Range(0, count).Select(i => RunImage(images.AsSpan(i * length, length), height, width))];
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private RunnerOutput RunImage(ReadOnlySpan<sbyte> image, int height, int width)
    {
        DenseTensor<sbyte> planes = OnnxRuntime.Planes(image, height, width);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = _session.Run([NamedOnnxValue.CreateFromTensor(_program.Input.Name, planes)]);
        return new RunnerOutput(Interleave(Values<sbyte>(results, OnnxOptions.LogitsOutput)), Values<byte>(results, DeployGraph.ClassMap), _logits.Height, _logits.Width);
    }

    private static T[] Values<T>(IEnumerable<DisposableNamedOnnxValue> results, string name) =>
        [.. results.Single(result => result.Name == name).AsTensor<T>()];

    private sbyte[] Interleave(sbyte[] planes)
    {
        var result = new sbyte[planes.Length];
        int pixels = _logits.Height * _logits.Width;
        for (int c = 0; c < _logits.Channels; c++)
        {
            for (int i = 0; i < pixels; i++)
            {
                result[(i * _logits.Channels) + c] = planes[(c * pixels) + i];
            }
        }

        return result;
    }
}
