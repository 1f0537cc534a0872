using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Programs;
using Tessera.Quantization;
using Tessera.TestKit;

namespace Tessera.Compiler.Tests;

/// <summary>HAT's example network, lowered: the real architecture with random weights and one scale for every activation.</summary>
internal static class RealNetwork
{
    private static readonly Lazy<Network> Annotated = new(() =>
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(1024, 2048, seed: 5));
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax });
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-6, 6]);
        }

        return new Network(session.Finish(prepared.Parameters).Annotate(prepared.Graph), prepared.Parameters);
    });

    private static readonly Lazy<IntegerProgram> DeployProgram =
        new(() => Lowering.Lower(new Network(DeployGraph.Of(Annotated.Value.Graph), Annotated.Value.Parameters)));

    private static readonly Lazy<IntegerProgram> TrainingProgram = new(() => Lowering.Lower(Annotated.Value));

    /// <summary>The deploy form at 1024×2048: one class map out.</summary>
    public static IntegerProgram Deploy => DeployProgram.Value;

    /// <summary>The training form at 1024×2048: five logits out.</summary>
    public static IntegerProgram Training => TrainingProgram.Value;

    /// <summary>The classes that it predicts.</summary>
    public static CompileOptions Options(string march, OptLevel level) =>
        new(March.Find(march), level, [.. ClassTable.Cityscapes.Classes]);
}
