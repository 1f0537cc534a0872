using Tessera.Cli.Configuration;
using Tessera.Compiler;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;
using Tessera.Runtime;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>The network that a stage left, in the form that a command needs.</summary>
internal static class StageNetwork
{
    /// <summary>Reads a stage's checkpoint.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="path">The file; null for the stage's best checkpoint in the run's folder.</param>
    /// <exception cref="Core.BadFileException">The file is missing, damaged, or of another stage or network.</exception>
    public static Checkpoint Load(TesseraConfig config, TrainingStage stage, string? path) =>
        CheckpointFile.Read(path ?? new CheckpointStore(config.CkptDir, stage).BestPath, stage, config.TrainingGraph());

    /// <summary>The deploy form: the finest output and its argmax, without what they do not need.</summary>
    public static Network Deploy(Network network) => network with { Graph = Segmentor.Deploy(network.Graph) };

    /// <summary>Lowers the deploy form of an annotated network to the integer program that every runner executes.</summary>
    /// <exception cref="Core.WorkException">An accumulator could exceed what float32 holds exactly; the message names node and channel.</exception>
    public static IntegerProgram Lower(Network annotated) => Lowering.Lower(Deploy(annotated));

    /// <summary>What a configuration says about compiling: its classes and its colour conversion go into the artefact.</summary>
    public static CompileOptions CompileOptions(TesseraConfig config, March march, OptLevel level) =>
        new(march, level, [.. config.Classes.Classes]) { Swing = config.ValDataLoader.Transforms.Swing };
}
