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
    private static readonly Lazy<Network> Annotated = new(() => AnnotatedFor(Requantization.Float32));

    private static readonly Lazy<IntegerProgram> DeployProgram = new(() => DeployFor(Requantization.Float32));

    private static readonly Lazy<IntegerProgram> TrainingProgram = new(() => Lowering.Lower(Annotated.Value));

    /// <summary>The deploy form at 1024×2048: one class map out.</summary>
    public static IntegerProgram Deploy => DeployProgram.Value;

    /// <summary>The training form at 1024×2048: five logits out.</summary>
    public static IntegerProgram Training => TrainingProgram.Value;

    /// <summary>The deploy form for a device that requantizes in some way.</summary>
    public static IntegerProgram DeployFor(Requantization requantization)
    {
        Network annotated = requantization == Requantization.Float32 ? Annotated.Value : AnnotatedFor(requantization);
        return Lowering.Lower(new Network(DeployGraph.Of(annotated.Graph), annotated.Parameters));
    }

    private static Network AnnotatedFor(Requantization requantization)
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(1024, 2048, seed: 5));
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax, Requantization = requantization });
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-6, 6]);
        }

        return new Network(session.Finish(prepared.Parameters).Annotate(prepared.Graph), prepared.Parameters);
    }

    /// <summary>The classes that it predicts.</summary>
    public static CompileOptions Options(string march, OptLevel level) =>
        new(March.Find(march), level, [.. ClassTable.Cityscapes.Classes]);
}
