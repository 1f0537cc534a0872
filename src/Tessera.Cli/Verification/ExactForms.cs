using Tessera.Cli.Alignment;
using Tessera.Cli.Comparison;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.Cli.Verification;

/// <summary>The forms of one network that compute the same numbers by definition, by the names of a budget's <c>bit_equal</c>.</summary>
internal sealed class ExactForms
{
    private readonly TesseraConfig _config;
    private readonly Lazy<Network> _trained;
    private readonly Lazy<IntegerProgram> _program;
    private readonly Lazy<CompiledProgram> _compiled;

    /// <summary>The forms of a run; what no form asks for is not read.</summary>
    /// <param name="console">Gets what the user should know about the files.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="checkpoint">The QAT checkpoint; null for the run's best one.</param>
    /// <param name="artefact">The compiled model.</param>
    public ExactForms(CommandConsole console, TesseraConfig config, string? checkpoint, string artefact)
    {
        _config = config;
        _trained = new(() => StageNetwork.Load(console, config, TrainingStage.Qat, checkpoint).Network);
        _program = new(() => StageNetwork.Lower(_trained.Value));
        _compiled = new(() => AlignStep.ReadArtefact(console, config, artefact, _program.Value));
    }

    /// <summary>Makes the runner of a form.</summary>
    /// <exception cref="TesseraException">A file that it needs is missing or wrong, or ONNX Runtime cannot be loaded.</exception>
    public IRunner Runner(string name) => name switch
    {
        FormNames.Qat => new QatRunner(_trained.Value),
        Predictors.IntInfer => IntegerRunner.Reference(_program.Value),
        Predictors.Compiled => IntegerRunner.Compiled(_compiled.Value),
        FormNames.OnnxInt => new OnnxRunner(_program.Value, new OnnxMetadata(CheckpointFile.ThisVersion, Predictors.IntInfer, _config.ClassNames)),
        _ => throw new ArgumentException($"There is no form {name}.", nameof(name)),
    };

    /// <summary>How the constants of two forms differ although their results may not, in words: only those of the artefact can. Null where they are equal.</summary>
    public string? DifferentConstants(string first, string second) =>
        first != second && (first == Predictors.Compiled || second == Predictors.Compiled) ? ConstantComparison.FirstDifference(_program.Value, _compiled.Value.Program) : null;
}
