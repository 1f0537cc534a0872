using System.Diagnostics;
using Tessera.Compiler;
using Tessera.Runtime;

namespace Tessera.Cli.Pipeline;

/// <summary>Measures how long each layer of a compiled model takes on this machine, on one thread.</summary>
internal static class LayerTimer
{
    private const int MostFrames = 10;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    /// <summary>Runs a picture of noise several times, for some seconds, and keeps the fastest frame: every other one was disturbed.</summary>
    /// <param name="compiled">The model. What it computes does not depend on the picture's content, nor does its time.</param>
    /// <param name="cancellation">Ends the measurement between frames.</param>
    /// <returns>One entry for each instruction, in execution order.</returns>
    public static IReadOnlyList<MeasuredLayer> Measure(CompiledProgram compiled, CancellationToken cancellation)
    {
        var model = new CompiledModel(compiled);
        var image = new sbyte[compiled.Program.Input.Count];
        new Random(0).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(image.AsSpan()));
        Frame(model, image); // the first one pays for compilation to machine code
        long start = Stopwatch.GetTimestamp();
        double[] best = [];
        for (int frame = 0; frame < MostFrames && (frame == 0 || Stopwatch.GetElapsedTime(start) < Budget); frame++)
        {
            cancellation.ThrowIfCancellationRequested();
            double[] times = Frame(model, image);
            best = best.Length == 0 || times.Sum() < best.Sum() ? times : best;
        }

        return [.. compiled.Program.Instructions.Select((instruction, i) => new MeasuredLayer(instruction.Name, best[i]))];
    }

    private static double[] Frame(CompiledModel model, sbyte[] image)
    {
        var times = new List<double>();
        long last = Stopwatch.GetTimestamp();
        model.Run(image, (_, _) =>
        {
            long now = Stopwatch.GetTimestamp();
            times.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
            last = now;
        });
        return [.. times];
    }
}
