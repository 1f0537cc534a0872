using Tessera.Graphs.Models;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Predicts with an integer program, the images of a batch in parallel.</summary>
internal sealed class IntegerPredictor : ISegmentationPredictor
{
    private readonly IntegerTensor _map;
    private readonly Runner _run;

    /// <summary>Predicts with the reference executor.</summary>
    public IntegerPredictor(IntegerProgram program)
        : this(program, new ReferenceExecutor(program).Run)
    {
    }

    /// <summary>Predicts with the compiled model.</summary>
    public IntegerPredictor(CompiledProgram compiled)
        : this(compiled.Program, new CompiledModelPool(compiled).Run)
    {
    }

    private IntegerPredictor(IntegerProgram program, Runner run)
    {
        _map = program.Tensors[program.Outputs.Single(output => output.Name == DeployGraph.ClassMap).Tensor];
        _run = run;
    }

    private delegate ProgramOutputs Runner(ReadOnlySpan<sbyte> image, Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap = null);

    /// <inheritdoc/>
    public ClassMaps Predict(sbyte[] images, int count, int height, int width)
    {
        int pixels = height * width * 3;
        var maps = new byte[count * _map.Count];
        Parallel.For(0, count, i => _run(images.AsSpan(i * pixels, pixels))[DeployGraph.ClassMap].ClassMap.CopyTo(maps.AsSpan(i * _map.Count, _map.Count)));
        return new ClassMaps(maps, _map.Height, _map.Width);
    }
}
