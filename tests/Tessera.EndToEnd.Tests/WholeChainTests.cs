using System.Collections.Immutable;
using Tessera.Cli.Tests;
using Tessera.Data;
using Tessera.Programs;
using Tessera.TestKit;
using Xunit.Abstractions;

namespace Tessera.EndToEnd.Tests;

/// <summary>The whole chain through the command line: on generated streets always, on the real sample when long tests run.</summary>
public sealed class WholeChainTests(ITestOutputHelper log) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tessera-chain-").FullName;

    private string RunFolder => Path.Combine(_root, "run");

    private string Artefact => Path.Combine(RunFolder, "compiled", "model.tsr");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Every_stage_runs_on_generated_streets_and_all_integer_forms_agree()
    {
        string source = Path.Combine(_root, "streets");
        TinyStreets.Write(source);
        Chain(source, epochs: 2, "--set", "input_size=[64, 128]", "--set", "calibration_trainer.num_images=8");
    }

    [LongFact(needsSample: true)]
    public void Every_stage_runs_on_the_real_sample_and_all_integer_forms_agree() => Chain(SampleData.Kitti, epochs: 3);

    private void Chain(string source, int epochs, params string[] settings)
    {
        string[] config =
        [
            "-c", Cli.Tests.Cli.Config("unet_mobilenetv1_kitti.yaml"),
            "--set", $"ckpt_dir={RunFolder}",
            "--set", $"data_loader.dataset.data_path={Path.Combine(_root, "train_lmdb")}",
            "--set", $"val_data_loader.dataset.data_path={Path.Combine(_root, "val_lmdb")}",
            "--set", $"float_trainer.num_epochs={epochs}",
            "--set", "qat_trainer.num_epochs=1",
            .. settings,
        ];
        foreach (string split in new[] { "train", "val" })
        {
            Run(0, "pack", "--src-data-dir", source, "--target-data-dir", _root, "--split-name", split, "--pack-type", "lmdb");
        }

        string training = Run(0, ["train", "--stage", "float", .. config]);
        Assert.Contains("==== BEGIN FLOAT STAGE ====", training);
        Assert.Matches($@"\[{epochs}/{epochs}\] loss \d+\.\d{{4}}  lr 0\.\d+  train mIoU .*  val mIoU .* images/s  data wait [0-9.]+ % \(", training);
        Assert.Contains("traffic light", training);
        Run(0, ["train", "--stage", "float", "--resume", .. config]);
        Run(0, ["train", "--stage", "calibration", .. config]);
        Run(0, ["train", "--stage", "qat", .. config]);
        foreach (string stage in new[] { "float", "calibration", "qat" })
        {
            Assert.Equal(File.ReadAllText(Path.Combine(RunFolder, "float-config.yaml")), File.ReadAllText(Path.Combine(RunFolder, $"{stage}-config.yaml")));
        }

        Dictionary<string, string> accuracy = [];
        foreach (string stage in new[] { "float", "calibration", "qat", "int_infer" })
        {
            string output = Run(0, ["predict", "--stage", stage, .. config]);
            Assert.Contains("at each image's own size", output);
            accuracy[stage] = output.Split('\n').Single(line => line.StartsWith("mIoU ", StringComparison.Ordinal));
        }

        Assert.Equal(accuracy["qat"], accuracy["int_infer"]);
        Run(0, ["compile", "--opt", "2", .. config]);
        Assert.All(new[] { "tsr", "json", "html" }, extension => Assert.True(File.Exists(Path.ChangeExtension(Artefact, extension))));
        string aligned = Run(0, ["align", .. config]);
        Assert.Contains("int_infer, compiled, qat (libtorch), integer ONNX (ONNX Runtime): every element of", aligned);

        InferEveryStage(source, config);
        foreach (string stage in new[] { "float", "qat", "int_infer" })
        {
            Run(0, ["export-onnx", "--stage", stage, .. config]);
            Assert.True(new FileInfo(Path.Combine(RunFolder, $"{stage}.onnx")).Length > 100_000);
        }

        Assert.StartsWith("Params: 1.380029 M\nFLOPs: ", Run(0, ["calops", .. config]));
        AlignFindsAChangedWeight(config);
    }

    private void InferEveryStage(string source, string[] config)
    {
        string image = Directory.EnumerateFiles(Path.Combine(source, "leftImg8bit", "val"), "*.png", SearchOption.AllDirectories).Order().First();
        RgbImage picture = ImageFile.ReadRgb(image);
        Dictionary<string, byte[]> classes = [];
        foreach (string stage in new[] { "float", "qat", "int_infer", "compiled" })
        {
            string folder = Path.Combine(_root, $"pictures-{stage}");
            Run(0, ["infer", "--model-inputs", $"img:{image}", "--save-path", folder, "--stage", stage, .. config]);
            string name = Path.Combine(folder, Path.GetFileNameWithoutExtension(image));
            LabelImage map = ImageFile.ReadLabel($"{name}_classes.png");
            Assert.Equal((picture.Height, picture.Width), (map.Height, map.Width));
            Assert.All(map.Values, value => Assert.InRange(value, 0, 18));
            Assert.All(new[] { "color", "overlay" }, kind => Assert.Equal(picture.Width, ImageFile.ReadRgb($"{name}_{kind}.png").Width));
            classes[stage] = map.Values;
        }

        Assert.Equal(classes["int_infer"], classes["qat"]);
        Assert.Equal(classes["int_infer"], classes["compiled"]);
    }

    private void AlignFindsAChangedWeight(string[] config)
    {
        CompiledProgram compiled = ArtefactReader.Read(Artefact).Compiled;
        ConvInstruction stem = compiled.Program.Instructions.OfType<ConvInstruction>().First();
        sbyte[] weights = [.. stem.Weights];
        int at = Array.IndexOf(weights, weights.Max());
        weights[at] = (sbyte)-weights[at];
        ImmutableArray<IntegerInstruction> changed = compiled.Program.Instructions.Replace(stem, stem with { Weights = [.. weights] });
        string tampered = Path.Combine(_root, "tampered.tsr");
        var program = new IntegerProgram(compiled.Program.Name, compiled.Program.Tensors, changed, compiled.Program.Outputs);
        ArtefactWriter.Write(new CompiledProgram(program, compiled.Memory, compiled.Info), tampered);
        Assert.Contains($"layer {stem.Name} differs first", Run(4, ["align", "--artefact", tampered, .. config]));

        // A byte changed behind the checksum's back: a warning first, then the comparison.
        byte[] bytes = File.ReadAllBytes(Artefact);
        byte[] pattern = [.. stem.Weights.Select(weight => (byte)weight)];
        int position = bytes.AsSpan().IndexOf(pattern) + at;
        bytes[position] = (byte)-(sbyte)bytes[position];
        File.WriteAllBytes(tampered, bytes);
        string message = Run(4, ["align", "--artefact", tampered, "--qat", "false", "--onnx", "false", .. config]);
        Assert.Contains("was changed after it was written", message);
        Assert.Contains($"layer {stem.Name} differs first", message);
        Assert.Contains($"the weights of layer {stem.Name} differ", message);
    }

    /// <summary>Runs a command, checks its exit code, and returns what it wrote.</summary>
    private string Run(int exitCode, params string[] arguments)
    {
        Cli.Tests.Cli run = Cli.Tests.Cli.Run(arguments);
        log.WriteLine($"tessera {string.Join(' ', arguments)}\n{run.Output}{run.Error}");
        Assert.True(run.ExitCode == exitCode, $"tessera {arguments[0]} ended with {run.ExitCode}: {run.Error}");
        return run.Output + run.Error;
    }
}
