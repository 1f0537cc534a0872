using System.Globalization;
using Tessera.Cli.Alignment;
using Tessera.Cli.Commands;
using Tessera.Cli.Comparison;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Compares the forms of a network over the validation images, shows the comparison and judges it.</summary>
internal sealed class AlignStep
{
    private readonly TesseraConfig _config;
    private readonly EvalSize _size;
    private readonly IntegerProgram _program;
    private readonly CompiledProgram _compiled;
    private readonly string _artefact;
    private readonly Graph _graph;
    private readonly IReadOnlyList<Func<INetworkForm>> _forms;

    private AlignStep(TesseraConfig config, EvalSize size, IntegerProgram program, CompiledProgram compiled, string artefact, Graph graph, IReadOnlyList<Func<INetworkForm>> forms, AlignmentResult result) =>
        (_config, _size, _program, _compiled, _artefact, _graph, _forms, Result) = (config, size, program, compiled, artefact, graph, forms, result);

    /// <summary>What was seen: int_infer, the compiled model, and where asked for QAT and ONNX, in this order.</summary>
    public AlignmentResult Result { get; }

    /// <summary>Compares.</summary>
    /// <param name="context">Console and cancellation.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="size">At which size accuracy is measured.</param>
    /// <param name="artefact">The compiled model's file.</param>
    /// <param name="checkpoint">The QAT checkpoint; null for the run's best one.</param>
    /// <param name="withQat">Also compare QAT on libtorch.</param>
    /// <param name="withOnnx">Also compare the integer ONNX model in ONNX Runtime.</param>
    /// <param name="trustData">Compare although the pack has other classes.</param>
    /// <exception cref="BadFileException">A file is missing or wrong, or of another network.</exception>
    public static AlignStep Run(CommandContext context, TesseraConfig config, EvalSize size, string artefact, string? checkpoint, bool withQat, bool withOnnx, bool trustData = false)
    {
        Checkpoint trained = StageNetwork.Load(context.Console, config, TrainingStage.Qat, checkpoint);
        IntegerProgram program = StageNetwork.Lower(trained.Network);
        CompiledProgram compiled = ReadArtefact(context.Console, config, artefact, program);
        Network deployed = StageNetwork.Deploy(trained.Network);
        var metadata = new OnnxMetadata(CheckpointFile.ThisVersion, Predictors.IntInfer, config.ClassNames);
        List<IRunner> runners = [IntegerRunner.Reference(program), IntegerRunner.Compiled(compiled)];
        List<Func<INetworkForm>> forms = [() => ProgramForm.Reference(runners[0].Name, program), () => ProgramForm.Compiled(runners[1].Name, compiled)];
        try
        {
            if (withQat)
            {
                runners.Add(new QatRunner(trained.Network));
                forms.Add(() => new TorchForm(FormNames.Qat, deployed, FormConstants.Of(program)));
            }

            if (withOnnx)
            {
                runners.Add(new OnnxRunner(program, metadata));
                forms.Add(() => OnnxForm.Integer(FormNames.OnnxInt, program, metadata));
            }

            return new AlignStep(config, size, program, compiled, artefact, deployed.Graph, forms, Compare(context, config, size, runners, trustData));
        }
        finally
        {
            runners.ForEach(runner => runner.Dispose());
        }
    }

    /// <summary>Shows the comparison.</summary>
    public void Write(CommandConsole console)
    {
        TextTable table = console.NewTable();
        table.AddColumn("runner");
        table.AddNumberColumns("mIoU %", "differing pixels", "differing logits", "differing images");

        foreach (RunnerResult runner in Result.Runners)
        {
            table.AddRow(runner.Name, MetricReport.Percent(runner.Metrics.MeanIoU), Number(runner.DifferingPixels), Number(runner.DifferingLogits), Number(runner.DifferingImages));
        }

        console.WriteTable($"{_config.TaskName}: {Result.Images} images, {Number(Result.Pixels)} pixels, {Number(Result.Logits)} logits; mIoU at {EvalSizeOption.Describe(_size, _config)}", table);
        if (Result.Runners.All(runner => runner.First is null))
        {
            console.Out.WriteLine($"{string.Join(", ", Result.Runners.Select(runner => runner.Name))}: every element of {Result.Images} images is equal.");
        }
    }

    /// <summary>Passes when nothing differs.</summary>
    /// <exception cref="DifferenceException">Something differs; the message names what, where first, and why.</exception>
    public void Judge()
    {
        string? constants = ConstantComparison.FirstDifference(_program, _compiled.Program);
        for (int i = 1; i < Result.Runners.Count; i++)
        {
            if (Result.Runners[i] is not { First: { } image } runner)
            {
                continue;
            }

            string found = $"{runner.Name} differs from int_infer in {runner.DifferingImages} of {Result.Images} images: {Number(runner.DifferingPixels)} pixels, {Number(runner.DifferingLogits)} logits. On image {image.Name}, {FirstDifference(i, image)}.";
            throw new DifferenceException(i > 1
                ? $"{found} Both execute the same checkpoint, so one of them breaks the arithmetic (docs/arithmetic.md): this is a bug in Tessera or in {runner.Name}."
                : $"{found} {(constants is null ? "The constants of both are equal, so the runtime is at fault: this is a bug in Tessera." : $"Cause: {constants}: {_artefact} was not compiled from this checkpoint, or was changed. Compile it again.")}");
        }

        if (constants is not null)
        {
            throw new DifferenceException($"The compiled model gives the same results on these {Result.Images} images, but {constants}: {_artefact} was not compiled from this checkpoint, or was changed. Compile it again.");
        }
    }

    private string FirstDifference(int runner, DifferingImage image)
    {
        using INetworkForm expected = _forms[0](), actual = _forms[runner]();
        var comparison = new FormComparison(_graph, expected, actual, AllowedBand.Exact);
        comparison.Take(image.Name, image.Image);
        return comparison.First?.ToString() ?? "it did not happen a second time";
    }

    /// <summary>Reads an artefact that must be of the network of a program; one that was changed after it was written is read with a warning.</summary>
    /// <exception cref="BadFileException">The file is missing, damaged, or of another network, size or classes.</exception>
    internal static CompiledProgram ReadArtefact(CommandConsole console, TesseraConfig config, string path, IntegerProgram program)
    {
        Artefact artefact = ArtefactReader.Read(path, ChecksumPolicy.Report);
        if (!artefact.ChecksumMatches)
        {
            console.Error.WriteLine($"warning: {path} was changed after it was written: its content does not have the SHA-256 of its header. It is compared nevertheless.");
        }

        IntegerTensor input = artefact.Compiled.Program.Input, logits = IntegerRunner.LogitsTensor(artefact.Compiled.Program);
        IntegerTensor expectedLogits = IntegerRunner.LogitsTensor(program);
        if (Size(input) != Size(program.Input) || Size(logits) != Size(expectedLogits) || logits.Name != expectedLogits.Name)
        {
            throw new BadFileException($"The artefact {path} is of another network or input size: it reads {Size(input)} and gives {logits.Name} {Size(logits)}; the configuration needs {Size(program.Input)} and {expectedLogits.Name} {Size(expectedLogits)}. Compile it with this configuration.");
        }

        ClassAgreement.Require(config, path, [.. artefact.Compiled.Info.Classes.Select(entry => entry.Name)]);
        return artefact.Compiled;

        static string Size(IntegerTensor tensor) => $"{tensor.Height}x{tensor.Width}x{tensor.Channels}";
    }

    private static AlignmentResult Compare(CommandContext context, TesseraConfig config, EvalSize size, IReadOnlyList<IRunner> runners, bool trustData)
    {
        using DataSource data = DataSource.ForValidation(config, size, Environment.ProcessorCount).RequireClasses(config, trustData);
        using var bar = new ProgressBar(context.Console, "comparing", "images");
        return AlignmentCheck.Run(runners, data.Batches, config.ClassNames, size, (done, total) => bar.Report(done, total), context.Cancellation);
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
