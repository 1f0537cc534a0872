using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.TestKit;

namespace Tessera.Training.Tests.Trainers;

/// <summary>The network and options of a short run on <see cref="ColourGame"/>: alpha 0.25 at 64×64, three classes.</summary>
internal static class TrainingRun
{
    // Two spinning threads per operation cost more than they gain at this size, most of all where other processes want the cores too.
    static TrainingRun() => TorchSetup.Initialize(new TorchOptions { Threads = 1 });

    public static Graph Graph { get; } = RandomNetworks.HatOptions(ColourGame.Classes.Length).TrainingGraph(new TensorShape(4, 3, 64, 64));

    public static ImmutableArray<int> Strides => LogitsOutputs.Of(Graph).Strides;

    public static RunInfo Info { get; } = new() { Seed = 7, Config = "test", Classes = [.. ColourGame.Classes] };

    public static TrainerOptions Options(string folder, int epochs) => new()
    {
        Stage = TrainingStage.Float,
        TrainingGraph = Graph,
        Start = new Network(Graph, ParameterSet.Initialize(Graph, 7)),
        Epochs = epochs,
        Schedule = new StepDecaySchedule(0.02, []),
        Folder = folder,
        Run = Info,
    };
}
