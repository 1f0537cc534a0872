using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx;
using Tessera.Programs;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.Cli.Comparison;

/// <summary>The forms by the names of the command line, made from the checkpoints of a run.</summary>
/// <param name="context">The console gets what the user should know about a file.</param>
/// <param name="config">The configuration.</param>
/// <param name="artefact">The compiled model's file.</param>
internal sealed class NetworkForms(CommandContext context, TesseraConfig config, string artefact)
{
    private Network? _qat;
    private IntegerProgram? _program;

    private Network QatNetwork => _qat ??= Load(TrainingStage.Qat);

    private IntegerProgram Program => _program ??= Lowering.Lower(QatNetwork);

    /// <summary>What two forms are allowed to differ by.</summary>
    public static AllowedBand BandOf(string a, string b) => FormNames.Exact.Contains(a) && FormNames.Exact.Contains(b) ? AllowedBand.Exact
        : FormNames.Real.Contains(a) && FormNames.Real.Contains(b) ? new AllowedBand(AllowedBand.Float)
        : new AllowedBand(AllowedBand.Quantization);

    /// <summary>Makes the comparison of two forms; the caller disposes them.</summary>
    /// <param name="a">The form that is right.</param>
    /// <param name="b">The other one.</param>
    /// <returns>The network whose nodes are compared, and the forms. Two float forms keep batch norm and ReLU as nodes, as they are exported; others have them folded.</returns>
    /// <exception cref="BadFileException">A checkpoint or the artefact is missing or wrong.</exception>
    public (Graph Graph, INetworkForm A, INetworkForm B) Pair(string a, string b)
    {
        bool isPrepared = !(FormNames.Real.Contains(a) && FormNames.Real.Contains(b));
        INetworkForm first = Create(a, isPrepared);
        try
        {
            Graph graph = StageNetwork.Deploy(new Network(config.TrainingGraph(), [])).Graph;
            return (isPrepared ? QuantizationPreparation.PrepareGraph(graph) : graph, first, Create(b, isPrepared));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    private INetworkForm Create(string name, bool isPrepared)
    {
        switch (name)
        {
            case FormNames.Float:
                Network real = FloatNetwork(isPrepared);
                return new TorchForm(name, real, FormConstants.Of(real));
            case FormNames.OnnxFloat:
                return OnnxForm.Float(name, FloatNetwork(isPrepared), Metadata(FormNames.Float));
            case FormNames.Calibration:
                Network calibrated = Load(TrainingStage.Calibration);
                return new TorchForm(name, calibrated, FormConstants.Of(Lowering.Lower(calibrated)));
            case FormNames.Qat:
                return new TorchForm(name, QatNetwork, FormConstants.Of(Program));
            case Predictors.IntInfer:
                return ProgramForm.Reference(name, Program);
            case Predictors.Compiled:
                return ProgramForm.Compiled(name, AlignStep.ReadArtefact(context.Console, config, artefact, Program));
            case FormNames.OnnxQdq:
                return OnnxForm.Qdq(name, QatNetwork, Metadata(FormNames.Qat), Program);
            case FormNames.OnnxInt:
                return OnnxForm.Integer(name, Program, Metadata(Predictors.IntInfer));
            default:
                throw new ArgumentException($"There is no form {name}.", nameof(name));
        }
    }

    private Network Load(TrainingStage stage) => StageNetwork.Deploy(StageNetwork.Load(context.Console, config, stage, null).Network);

    private Network FloatNetwork(bool isPrepared)
    {
        Network network = Load(TrainingStage.Float);
        return isPrepared ? QuantizationPreparation.Prepare(network) : network;
    }

    private OnnxMetadata Metadata(string stage) => new(CheckpointFile.ThisVersion, stage, config.ClassNames) { Swing = config.ValDataLoader.Transforms.Swing };
}
