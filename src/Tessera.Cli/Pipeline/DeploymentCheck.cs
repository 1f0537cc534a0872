using Tessera.Cli.Configuration;
using Tessera.Cli.Diagnostics;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Programs;

namespace Tessera.Cli.Pipeline;

/// <summary>Shows before a training that what it gives can be compiled as the configuration says: nobody should learn that a night later.</summary>
internal static class DeploymentCheck
{
    // Beyond it, making up parameters takes longer than a check may.
    private const long MostParameters = 32_000_000;

    private const int Seed = 1;

    /// <summary>Passes when the network, with seeded parameters, compiles for the configuration's march.</summary>
    /// <exception cref="UsageException">The march does not support it, or its activations need too much memory.</exception>
    public static void Require(TesseraConfig config)
    {
        if (OperationCounts.Of(config.TrainingGraph()).Parameters > MostParameters)
        {
            return;
        }

        try
        {
            _ = ModelCompiler.Compile(Program(config, MarchName.Find(config.Compile.March).Arithmetic), LibraryOptions.Compile(config));
        }
        catch (Exception fault) when (fault is WorkException or BadFileException)
        {
            // What follows the first sentence of a bad file is what to do about the file; here is none.
            string why = fault is WorkException ? fault.Message : $"{fault.Message.Split(". ")[0].TrimEnd('.')}.";
            throw new UsageException($"With compile_cfg.march {config.Compile.March} and compile_cfg.opt {config.Compile.Opt} this network could be trained, but not compiled: {why} The keys to change are compile_cfg.march, compile_cfg.opt, input_size and model.", fault);
        }
    }

    /// <summary>The integer program of the configuration's network with made-up parameters and scales: right in every shape.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="requantization">That of the march.</param>
    public static IntegerProgram Program(TesseraConfig config, Requantization requantization)
    {
        Graph graph = config.TrainingGraph();
        Network network = SeededNetwork.Float(graph, Seed);
        foreach (Parameter weight in graph.Parameters.Where(parameter => parameter.Role == ParameterRole.Weight))
        {
            KeepOneOfEachChannel(network.Parameters[weight.Name], weight.Shape[0]);
        }

        return StageNetwork.Lower(SeededNetwork.Annotated(network, requantization));
    }

    /// <summary>Whether sums leave the accumulator's exact range depends on what a network has learned; with one weight in each they never do.</summary>
    private static void KeepOneOfEachChannel(float[] weights, int channels)
    {
        int perChannel = weights.Length / channels;
        for (int channel = 0; channel < channels; channel++)
        {
            weights.AsSpan((channel * perChannel) + 1, perChannel - 1).Clear();
        }
    }
}
