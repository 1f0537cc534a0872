using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Lowers the QAT network, compiles it, and writes the artefact with its reports.</summary>
internal static class CompileStep
{
    /// <summary>Compiles.</summary>
    /// <param name="context">Console and cancellation.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="options">What to compile for, and how.</param>
    /// <param name="folder">Where model.tsr, model.json and model.html go.</param>
    /// <param name="checkpoint">The QAT checkpoint; null for the run's best one.</param>
    /// <returns>The compilation and the artefact's file.</returns>
    /// <exception cref="BadFileException">The checkpoint is missing or wrong, or the folder cannot be written.</exception>
    /// <exception cref="WorkException">The network cannot be lowered.</exception>
    public static (CompilationResult Result, string Artefact) Run(CommandContext context, TesseraConfig config, CompileOptions options, string folder, string? checkpoint)
    {
        IntegerProgram program = StageNetwork.Lower(StageNetwork.Load(context.Console, config, TrainingStage.Qat, checkpoint).Network);
        context.Cancellation.ThrowIfCancellationRequested();
        CompilationResult result = ModelCompiler.Compile(program, options);
        if (options.March.Executable)
        {
            result = result.WithMeasured(KernelSet.Best.Name, Measure(result.Compiled));
            context.Cancellation.ThrowIfCancellationRequested();
        }

        string artefact = RunFiles.Artefact(folder), json = ReportJson.Write(result), html = ReportHtml.Write(result);
        ArtefactWriter.Write(result.Compiled, artefact);
        try
        {
            AtomicFile.WriteText(Path.ChangeExtension(artefact, ".json"), json);
            AtomicFile.WriteText(Path.ChangeExtension(artefact, ".html"), html);
        }
        catch (BadFileException fault)
        {
            throw new BadFileException($"{artefact} is compiled and written anew, its report is not: {fault.Message}", fault);
        }

        return (result, artefact);
    }

    /// <summary>Times each layer on one thread of this machine, as the model executes it. What the picture shows changes no time: it is gray.</summary>
    private static MeasuredLayer[] Measure(CompiledProgram compiled)
    {
        const int Frames = 10;
        using var model = new CompiledModel(compiled);
        var image = new sbyte[compiled.Program.Input.Count];
        model.Profile(image, Frames); // the first frames bring memory and caches into the state that later ones find
        return [.. model.Profile(image, Frames).Select(time => new MeasuredLayer(time.Name, time.Milliseconds))];
    }
}
