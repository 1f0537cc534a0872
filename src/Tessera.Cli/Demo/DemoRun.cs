using System.Diagnostics;
using System.Globalization;
using Tessera.Cli.Alignment;
using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Data;
using Tessera.Runtime;
using Tessera.Synthetic;
using Tessera.Training;

namespace Tessera.Cli.Demo;

/// <summary>The whole chain on synthetic streets, each step the one that its own command runs.</summary>
internal sealed class DemoRun
{
    private const int Steps = 8;
    private const int Shown = 4;
    private static readonly string[] Trained = ["float", "calibration", "qat"];

    private readonly CommandContext _context;
    private readonly DemoOptions _options;
    private readonly DemoFolder _folder;
    private readonly TesseraConfig _config;
    private readonly Dictionary<string, TimeSpan> _made = [];
    private int _step;

    private DemoRun(CommandContext context, DemoOptions options, DemoFolder folder, TesseraConfig config) =>
        (_context, _options, _folder, _config) = (context, options, folder, config);

    /// <summary>Runs the chain and shows what came of it.</summary>
    /// <exception cref="UsageException">The configuration is wrong, or the folder is not free.</exception>
    /// <exception cref="WorkException">A step failed.</exception>
    /// <exception cref="DifferenceException">Two forms of the network that must be equal are not.</exception>
    public static void Run(CommandContext context, DemoOptions options)
    {
        if (options.NumTrain < 1 || options.NumVal < 1)
        {
            throw new UsageException($"The demonstration needs images: --num-train is {options.NumTrain} and --num-val {options.NumVal}; each must be at least 1.");
        }

        RequireUndecided(options.Set);

        // The configuration is read twice: once to find its faults before an earlier demonstration is removed.
        DeploymentCheck.Require(TesseraConfig.Load(options.Config, options.Set));
        using DemoFolder folder = DemoFolder.Create(options.Folder);
        string[] own =
        [
            string.Create(CultureInfo.InvariantCulture, $"seed={options.Seed}"), $"ckpt_dir={Quoted(folder.Run)}",
            $"data_loader.dataset.data_path={Quoted(folder.Pack("train"))}", $"val_data_loader.dataset.data_path={Quoted(folder.Pack("val"))}",
        ];
        new DemoRun(context, options, folder, TesseraConfig.Load(options.Config, [.. options.Set, .. own])).Run();
    }

    /// <summary>Refuses keys that the demonstration itself decides: they would have no effect.</summary>
    private static void RequireUndecided(IReadOnlyList<string> set)
    {
        (string Key, string Option)[] decided = [("seed", "--seed"), ("ckpt_dir", "--out"), ("data_loader.dataset.data_path", "--out"), ("val_data_loader.dataset.data_path", "--out")];
        if (decided.FirstOrDefault(own => set.Any(given => given.Split('=')[0].Trim() == own.Key)) is { Key: { } key, Option: { } option })
        {
            throw new UsageException($"--set {key} has no effect here: the demonstration takes it from {option}. Give {option} instead.");
        }
    }

    private void Run()
    {
        long start = Stopwatch.GetTimestamp();
        MakeData();
        PackTrust.Require(_config, trustData: false);
        Heading("the least that a network must beat: every place its most frequent class");
        PredictStep.Result position = PredictStep.Run(
            _context, _config, "by position", PositionPredictor.Learn(_config, _context.Cancellation), _config.EvalSize, null);
        Line($"by position alone: mIoU {MetricReport.Percent(position.Metrics.MeanIoU)}");
        Train();
        Heading("the four predictions");
        Dictionary<string, PredictStep.Result> scores = Predictors.Stages.ToDictionary(stage => stage, Predict);
        Heading("compilation");
        (CompilationResult compilation, string artefact) = Timed(Predictors.Compiled, () => CompileStep.Run(
            _context, _config, LibraryOptions.Compile(_config), RunFiles.CompiledFolder(_config), null));
        Line(string.Create(CultureInfo.InvariantCulture, $"{artefact}: {compilation.Estimate.Macs / 1e9:0.000} G multiply-adds, {compilation.Memory.ArenaBytes / 1e6:0.00} MB of activations"));
        Dictionary<string, string> onnx = Timed("onnx", () => ExportOnnxStep.Stages.ToDictionary(stage => stage, stage => ExportOnnxStep.Run(_context.Console, _config, stage, null, _config.CkptDir)));
        Line($"ONNX: {string.Join(", ", onnx.Values)}");
        Heading("alignment: int_infer, compiled, QAT on libtorch and ONNX Runtime, in every element");
        AlignStep alignment = AlignStep.Run(_context, _config, _config.EvalSize, artefact, null, withQat: true, withOnnx: true);
        alignment.Write(_context.Console);
        alignment.Judge();
        Heading("pictures by the compiled model");
        Draw(artefact);
        Summarise(position, scores, alignment.Result, compilation, artefact, onnx[Predictors.IntInfer], Stopwatch.GetElapsedTime(start));
    }

    private void MakeData()
    {
        Heading("streets");
        Line(SynthStep.Run(_context, new SyntheticOptions
        {
            TargetDir = _folder.Streets,
            NumTrain = _options.NumTrain,
            NumVal = _options.NumVal,
            Height = _config.InputHeight,
            Width = _config.InputWidth,
            Seed = _options.Seed,
        }).Text);
        foreach (string split in new[] { "train", "val" })
        {
            Line(PackStep.Run(_context, new PackOptions { SrcDataDir = _folder.Streets, TargetDataDir = _folder.Path, SplitName = split }).Text);
        }
    }

    private void Train()
    {
        Heading($"training in float, {_config.FloatTrainer.NumEpochs} epochs");
        Timed(Trained[0], () => TrainStep.Train(_context, _config, TrainingStage.Float, new StartOptions(), isShort: false));
        Heading("calibration, then training with the int8 arithmetic");
        Timed(Trained[1], () => TrainStep.Calibrate(_context, _config, allowChanges: false, isShort: false));
        Timed(Trained[2], () => TrainStep.Train(_context, _config, TrainingStage.Qat, new StartOptions(), isShort: false));
    }

    private PredictStep.Result Predict(string stage)
    {
        PredictStep.Result result = PredictStep.Run(_context, _config, stage, null, _config.EvalSize);
        Line($"{stage}: {MetricReport.Summary(result.Metrics)}; {result.Speed}");
        return result;
    }

    private void Draw(string artefact)
    {
        IReadOnlyList<ImageLabelPair> pairs = SegmentationLayout.Cityscapes(_folder.Streets).List("val");
        int[] chosen = [.. Enumerable.Range(0, Math.Min(Shown, pairs.Count)).Select(i => i * pairs.Count / Math.Min(Shown, pairs.Count))];
        ISegmentationPredictor predictor = Predictors.OfArtefact(_context.Console, _config, artefact);
        InferenceInput[] inputs = [.. chosen.Select(i => new InferenceInput(pairs[i].ImagePath, PictureOf(pairs[i])))];
        InferStep.Run(_context, _config, predictor, new InferenceInputs(inputs, [], []), _folder.Pictures);

        // The pack keeps the order of the layout, and gives the labels as train ids.
        using SegmentationDataset truth = SegmentationDataset.Open(_folder.Pack("val"));
        ContactSheet.Write(_folder.ContactSheet, [.. chosen.Select(i =>
        {
            SegmentationSample sample = truth.Read(i);
            RgbImage label = sample.Image with { Pixels = Overlay.Colorize(sample.Label.Values, _config.Classes) };
            return (IReadOnlyList<RgbImage>)[sample.Image, label, ImageFile.ReadRgb(PictureOf(pairs[i]) + InferenceInputs.ColourSuffix)];
        })]);

        string PictureOf(ImageLabelPair pair) => Path.Combine(_folder.Pictures, Path.GetFileNameWithoutExtension(pair.ImagePath));
    }

    private void Summarise(
        PredictStep.Result position, Dictionary<string, PredictStep.Result> scores, AlignmentResult alignment, CompilationResult compilation, string artefact, string onnx, TimeSpan total)
    {
        long pixels = alignment.Pixels;
        var table = new DemoTable(_context.Console);
        table.Add("position alone", position.Metrics.MeanIoU, null, null, null, null);
        foreach (string stage in Trained)
        {
            RunnerResult? compared = stage == "qat" ? alignment.Runners[2] : null;
            string file = new CheckpointStore(_config.CkptDir, TrainingStages.Parse(stage)).BestPath;
            table.Add(stage, scores[stage].Metrics.MeanIoU, compared?.DifferingPixels, file, _made[stage], Rate(scores[stage]));
        }

        table.Add(Predictors.IntInfer, scores[Predictors.IntInfer].Metrics.MeanIoU, 0, null, null, Rate(scores[Predictors.IntInfer]));
        double? perSecond = compilation.Estimate.MeasuredMilliseconds is { } milliseconds ? 1000 / milliseconds : null;
        RunnerResult compiled = alignment.Runners[1], runtime = alignment.Runners[3];
        table.Add(Predictors.Compiled, compiled.Metrics.MeanIoU, compiled.DifferingPixels, artefact, _made[Predictors.Compiled], perSecond);
        table.Add("integer ONNX", runtime.Metrics.MeanIoU, runtime.DifferingPixels, onnx, _made["onnx"], null);
        Line("");
        table.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{alignment.Images} validation images of {_config.InputHeight}x{_config.InputWidth}; differing pixels: of {pixels:N0}, against int_infer; images/s of compiled: one thread, without reading"));
        Line($"contact sheet (image, truth, prediction): {_folder.ContactSheet}");
        Line($"overlays: {Path.Combine(_folder.Pictures, "*_overlay.png")}");
        Line($"compilation report: {Path.ChangeExtension(artefact, ".html")}");
        Line($"All of it took {Duration.Text(total)}.");

        static double Rate(PredictStep.Result score) => score.Images / score.Elapsed.TotalSeconds;
    }

    private T Timed<T>(string stage, Func<T> work)
    {
        long start = Stopwatch.GetTimestamp();
        T result = work();
        _made[stage] = Stopwatch.GetElapsedTime(start);
        return result;
    }

    private void Heading(string text) => Line($"== {++_step}/{Steps} {text}");

    private void Line(string text) => _context.Console.Out.WriteLine(text);

    /// <summary>A path as a YAML text, whatever stands in it.</summary>
    private static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
}
