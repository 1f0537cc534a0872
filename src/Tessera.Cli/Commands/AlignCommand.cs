using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tessera.Cli.Alignment;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Onnx;
using Tessera.Runtime;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera align</c>: the compiled model against the other forms of the network, in every element.</summary>
internal static class AlignCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        var artefact = new Option<string?>("--artefact") { Description = "The compiled model; default: compiled/model.tsr in the run's folder", HelpName = "FILE" };
        var checkpoint = new Option<string?>("--ckpt", "--pretrained-ckpt") { Description = "Another QAT checkpoint than the run's best one", HelpName = "FILE" };
        Option<string?> size = EvalSizeOption.Create();
        var qat = new Option<bool>("--qat") { Description = "Also compare the QAT network on libtorch", HelpName = "true|false", DefaultValueFactory = _ => true };
        var onnx = new Option<bool>("--onnx") { Description = "Also compare the integer ONNX model in ONNX Runtime", HelpName = "true|false", DefaultValueFactory = _ => true };
        return new ExplainedCommand("align", "Check that the compiled model computes the same bits as QAT, int_infer and ONNX over the validation images.", config.Path, config.Set, artefact, checkpoint, size, qat, onnx)
        {
            Examples =
            [
                "tessera align -c configs/segmentation/unet_mobilenetv1_kitti.yaml",
                "tessera align -c configs/segmentation/unet_mobilenetv1_kitti.yaml --artefact received.tsr --onnx false",
            ],
            Notes = """
                int_infer, the integer program lowered from the QAT checkpoint and run by plain loops, is right by definition; every int8 logit, every layer of the
                compiled model and every pixel must be equal to it. Exit status 0: all equal; 4: something differs, and the message names the first differing layer.
                """,
            Run = parsed =>
            {
                TesseraConfig loaded = config.Load(parsed);
                EvalSize evalSize = EvalSizeOption.Read(parsed.GetValue(size), loaded);
                string path = parsed.GetValue(artefact) ?? RunFiles.Artefact(RunFiles.CompiledFolder(loaded));
                Checkpoint trained = StageNetwork.Load(loaded, TrainingStage.Qat, parsed.GetValue(checkpoint));
                IntegerProgram program = StageNetwork.Lower(trained.Network);
                CompiledProgram compiled = ReadArtefact(context.Console, path, program);
                List<IRunner> runners = [IntegerRunner.Reference(program), IntegerRunner.Compiled(compiled)];
                try
                {
                    if (parsed.GetValue(qat))
                    {
                        runners.Add(new QatRunner(trained.Network));
                    }

                    if (parsed.GetValue(onnx))
                    {
                        runners.Add(new OnnxRunner(program, new OnnxMetadata(CheckpointFile.ThisVersion, Predictors.IntInfer, loaded.ClassNames)));
                    }

                    Judge(Compare(context, loaded, evalSize, runners), program, compiled, path);
                }
                finally
                {
                    runners.ForEach(runner => runner.Dispose());
                }
            },
        };
    }

    private static CompiledProgram ReadArtefact(CommandConsole console, string path, IntegerProgram program)
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

        return artefact.Compiled;

        static string Size(IntegerTensor tensor) => $"{tensor.Height}x{tensor.Width}x{tensor.Channels}";
    }

    private static AlignmentResult Compare(CommandContext context, TesseraConfig config, EvalSize size, IReadOnlyList<IRunner> runners)
    {
        using DataSource data = DataSource.ForValidation(config, size, Environment.ProcessorCount);
        var bar = new ProgressBar(context.Console, "comparing", "images");
        AlignmentResult result = AlignmentCheck.Run(runners, data.Batches, config.ClassNames, size, (done, total) => bar.Report(done, total), context.Cancellation);
        bar.Clear();
        Table table = context.Console.NewTable();
        table.AddColumn("runner");
        foreach (string column in new[] { "mIoU %", "differing pixels", "differing logits", "differing images" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (RunnerResult runner in result.Runners)
        {
            table.AddRow(Markup.Escape(runner.Name), MetricReport.Percent(runner.Metrics.MeanIoU), Number(runner.DifferingPixels), Number(runner.DifferingLogits), Number(runner.DifferingImages));
        }

        context.Console.WriteTable($"{config.TaskName}: {result.Images} images, {Number(result.Pixels)} pixels, {Number(result.Logits)} logits; mIoU at {EvalSizeOption.Describe(size, config)}", table);
        if (result.Runners.All(runner => runner.First is null))
        {
            context.Console.Out.WriteLine($"{string.Join(", ", result.Runners.Select(runner => runner.Name))}: every element of {result.Images} images is equal.");
        }

        return result;
    }

    private static void Judge(AlignmentResult result, IntegerProgram program, CompiledProgram compiled, string path)
    {
        string? constants = ConstantComparison.FirstDifference(program, compiled.Program);
        foreach (RunnerResult runner in result.Runners.Where(runner => runner.First is not null))
        {
            DifferingImage image = runner.First!;
            string found = $"{runner.Name} differs from int_infer in {runner.DifferingImages} of {result.Images} images: {Number(runner.DifferingPixels)} pixels, {Number(runner.DifferingLogits)} logits.";
            LayerDifference? layer = runner.Name == result.Runners[1].Name ? ProgramComparison.FirstDifference(program, new CompiledModel(compiled), image.Image) : null;
            throw new DifferenceException(layer is null
                ? $"{found} First image: {image.Name}. Both execute the same checkpoint, so one of them breaks the arithmetic (docs/arithmetic.md): this is a bug in Tessera or in {runner.Name}."
                : $"{found} On image {image.Name}, {layer}. {(constants is null ? "The constants of both are equal, so the runtime or the memory plan is at fault: this is a bug in Tessera." : $"Cause: {constants}: {path} was not compiled from this checkpoint, or was changed. Compile it again.")}");
        }

        if (constants is not null)
        {
            throw new DifferenceException($"The compiled model gives the same results on these {result.Images} images, but {constants}: {path} was not compiled from this checkpoint, or was changed. Compile it again.");
        }
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
