using Tessera.Cli.Alignment;
using Tessera.Cli.Configuration;
using Tessera.Cli.Diagnostics;
using Tessera.Cli.Pipeline;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.Cli.Benchmarking;

/// <summary>One network in the forms that <c>bench</c> compares.</summary>
/// <param name="Float">The float training network.</param>
/// <param name="Annotated">The QAT training network.</param>
/// <param name="Compiled">Tessera's compiled model.</param>
/// <param name="Classes">Names of the classes.</param>
/// <param name="Origin">Where the parameters come from, in one sentence.</param>
/// <param name="IsCalibrated">False when the scales are not those of the float network's values, so that its class map has nothing to do with the others.</param>
internal sealed record BenchNetwork(Network Float, Network Annotated, CompiledProgram Compiled, IReadOnlyList<string> Classes, string Origin, bool IsCalibrated)
{
    private const int Seed = 4;

    /// <summary>Takes the run's checkpoints where it has them, and seeded random parameters where not: time does not depend on their values.</summary>
    /// <exception cref="BadFileException">An artefact or checkpoint is damaged or of another network.</exception>
    /// <exception cref="UsageException">The input's shape is impossible, or is not the artefact's.</exception>
    public static BenchNetwork Load(TesseraConfig config, BenchOptions options)
    {
        CompiledProgram? artefact = options.Artefact is null ? null : ReadArtefact(config, options.Artefact);
        TesseraConfig sized = WithInput(config, Shape(config, options, artefact));
        Graph training = sized.TrainingGraph();

        // What runs here is measured here; only a march with another arithmetic makes another program of it.
        March march = MarchName.Find(config.Compile.March) is { Arithmetic: not Requantization.Float32 } other ? other : March.Find("cpu");
        string qat = new CheckpointStore(config.CkptDir, TrainingStage.Qat).BestPath, trained = new CheckpointStore(config.CkptDir, TrainingStage.Float).BestPath;
        Network floating = File.Exists(trained) ? ReadCheckpoint(config, trained, TrainingStage.Float, training) : SeededNetwork.Float(training, Seed);
        Network annotated = File.Exists(qat) ? ReadCheckpoint(config, qat, TrainingStage.Qat, training) : SeededNetwork.Annotated(floating, march.Arithmetic);
        string origin = File.Exists(qat) ? $"parameters of {qat}"
            : File.Exists(trained) ? $"parameters of {trained}, with scales that were not calibrated: the times are a finished network's, the class map is not"
            : $"seeded random parameters, for {config.CkptDir} has no checkpoint: the times are a trained network's, the class map is noise";
        CompiledProgram compiled = artefact ?? ModelCompiler.Compile(StageNetwork.Lower(annotated), LibraryOptions.Compile(config, march)).Compiled;
        return new BenchNetwork(floating, annotated, compiled, config.ClassNames, artefact is null ? origin : $"artefact {options.Artefact}; ONNX forms: {origin}", File.Exists(qat) && File.Exists(trained));
    }

    /// <summary>Writes one form.</summary>
    /// <param name="id">An id of <see cref="RunnerTimes"/>.</param>
    /// <param name="folder">Where to.</param>
    /// <returns>The file.</returns>
    public string Write(string id, string folder)
    {
        string path = Path.Combine(folder, id == RunnerTimes.Tessera ? "model.tsr" : $"{id}.onnx");
        var metadata = new OnnxMetadata(CheckpointFile.ThisVersion, id, [.. Classes]);
        switch (id)
        {
            case RunnerTimes.Tessera:
                ArtefactWriter.Write(Compiled, path);
                break;
            case "float":
                FloatOnnxWriter.Write(StageNetwork.Deploy(Float), metadata, path);
                break;
            case "qdq":
                QdqOnnxWriter.Write(StageNetwork.Deploy(Annotated), metadata, path);
                break;
            case "integer":
                IntegerOnnxWriter.Write(StageNetwork.Lower(Annotated), metadata, path);
                break;
            default:
                throw new ArgumentException($"There is no form {id}.", nameof(id));
        }

        return path;
    }

    private static Network ReadCheckpoint(TesseraConfig config, string path, TrainingStage stage, Graph training)
    {
        Checkpoint checkpoint = CheckpointFile.Read(path, stage, training);
        ClassAgreement.Require(config, path, checkpoint.Run.Classes);
        return checkpoint.Network;
    }

    private static CompiledProgram ReadArtefact(TesseraConfig config, string path)
    {
        CompiledProgram compiled = ArtefactReader.Read(path).Compiled;
        IntegerTensor input = compiled.Program.Input;
        _ = IntegerRunner.LogitsTensor(compiled.Program);
        ClassAgreement.Require(config, path, [.. compiled.Info.Classes.Select(entry => entry.Name)]);
        return input.Channels == 3
            ? compiled
            : throw new BadFileException($"The artefact {path} reads images of {input.Channels} channels; a segmentation network reads 3. Compile it with this configuration.");
    }

    private static TensorShape Shape(TesseraConfig config, BenchOptions options, CompiledProgram? artefact)
    {
        TensorShape shape = options.Input ?? (artefact is null
            ? new TensorShape(1, 3, config.InputHeight, config.InputWidth)
            : new TensorShape(1, 3, artefact.Program.Input.Height, artefact.Program.Input.Width));
        if (shape.N != 1)
        {
            throw new UsageException($"--input-shape is {shape}; one frame is measured, so N must be 1.");
        }

        return artefact is null || (shape.H, shape.W) == (artefact.Program.Input.Height, artefact.Program.Input.Width)
            ? shape
            : throw new UsageException($"--input-shape is {shape}, and the artefact reads {artefact.Program.Input.Height}x{artefact.Program.Input.Width}; leave one of both out.");
    }

    private static TesseraConfig WithInput(TesseraConfig config, TensorShape shape) => shape.C == 3
        ? config with { InputHeight = shape.H, InputWidth = shape.W }
        : throw new UsageException($"--input-shape is {shape}; the network reads 3 channels.");
}
