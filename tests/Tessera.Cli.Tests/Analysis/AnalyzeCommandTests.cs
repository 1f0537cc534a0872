using System.Text.Json;
using System.Xml.Linq;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;

namespace Tessera.Cli.Tests.Analysis;

/// <summary><c>tessera analyze</c> on a run of a minute: what it says, what each option changes, what it refuses, and that what it advises helps.</summary>
public sealed class AnalyzeCommandTests(TrainedRun run) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_layer_is_ranked_and_the_scores_are_those_of_predict()
    {
        Cli said = Cli.Run(["analyze", .. run.Config("--json", Json())]);
        Assert.Equal((0, ""), (said.ExitCode, said.Error));
        Assert.Contains("(10 of 62)", said.Output);
        JsonElement report = Read();
        JsonElement[] layers = Layers(report);
        Assert.Equal(62, layers.Length);
        Assert.Equal(Enumerable.Range(1, 62), layers.Select(layer => layer.GetProperty("rank").GetInt32()));
        double[] lost = [.. layers.Select(layer => layer.GetProperty("miou_lost").GetDouble())];
        Assert.Equal(lost.OrderDescending(), lost);
        Assert.All(layers, layer => Assert.Equal(1, Sum(layer, "clip_share", "rounding_share", "weight_share", "bias_share"), 1e-6));
        Assert.All(layers, layer => Assert.Contains(layer.GetProperty("verdict").GetString(), new[] { "nothing", "clips", "rounds", "weights", "bias", "dead" }));
        Assert.All(layers, layer => Assert.True(layer.GetProperty("histogram").EnumerateArray().Sum(bin => bin.GetInt64()) > 0 || layer.GetProperty("dead_channels").GetInt32() == layer.GetProperty("channels").GetInt32()));
        Assert.Contains(Percent(report, "float"), Cli.Run(["predict", "--stage", "float", .. run.Config()]).Output);
        Assert.Contains(Percent(report, "quantized"), Cli.Run(["predict", "--stage", "calibration", .. run.Config()]).Output);
        Assert.Contains($"mIoU float {Percent(report, "float")}, quantized {Percent(report, "quantized")}", said.Output);

        // The loss of a layer is the mean of its classes' losses, over those that occur.
        double[] classes = [.. layers[0].GetProperty("class_iou_lost").EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.Number).Select(entry => entry.Value.GetDouble())];
        Assert.Equal(lost[0], classes.Average(), 1e-3);
    }

    [Fact]
    public void The_page_is_whole_has_every_layer_and_needs_nothing_else()
    {
        string page = Path.Combine(_folder.Root, "layers.html");
        Cli said = Cli.Run(["analyze", .. run.Config("--json", Json(), "--html", page)]);
        Assert.Equal((0, ""), (said.ExitCode, said.Error));
        string text = File.ReadAllText(page);
        Assert.DoesNotContain("http", text);
        XElement html = XDocument.Parse(text).Root!;
        JsonElement[] layers = Layers(Read());
        XElement[] rows = [.. html.Descendants("tbody").Single().Elements("tr")];
        Assert.Equal(layers.Select(layer => layer.GetProperty("name").GetString()), rows.Select(row => row.Elements("td").First().Value));
        Assert.All(rows, row => Assert.Single(row.Descendants("line"), line => (string?)line.Attribute("class") == "clip"));

        // Every layer is a box with a colour for each measure, and the worst one of each is red.
        XElement[] boxes = [.. html.Descendants("rect").Where(box => box.Attribute("data-miou") is not null)];
        Assert.Equal(62, boxes.Length);
        string[] measures = [.. html.Descendants("option").Select(option => option.Attribute("value")!.Value)];
        Assert.All(measures, measure => Assert.All(boxes, box => Assert.Matches("^#[0-9a-f]{6}$", box.Attribute($"data-{measure}")!.Value)));
        string worst = layers.MinBy(layer => layer.GetProperty("sqnr").GetDouble()).GetProperty("name").GetString()!;
        Assert.Equal("#c82828", boxes.Single(box => box.Element("title")!.Value.StartsWith($"{worst}: ", StringComparison.Ordinal)).Attribute("data-sqnr")!.Value);
    }

    [Fact]
    public void Each_option_changes_what_is_analysed()
    {
        string[] many = Pack(8);
        JsonElement all = Analyse(many);
        Assert.Equal(8, all.GetProperty("images").GetInt32());
        Assert.Equal(2, Analyse([.. many, "--images", "2"]).GetProperty("images").GetInt32());
        Assert.Equal(5, Analyse([.. many, "--seconds", "0.001"]).GetProperty("images").GetInt32()); // those that were timed

        // The second draws other images first; the image of 70x150 pixels counts more at its own size.
        Assert.NotEqual(Score(Analyse([.. many, "--images", "2"])), Score(Analyse([.. many, "--images", "2", "--set", "seed=5"])));
        Assert.NotEqual(Score(all), Score(Analyse([.. many, "--eval-size", "input"])));

        Assert.Equal("calibration", all.GetProperty("stage").GetString());
        string calibrated = Copy("calibration");
        Change(calibrated, "head.stride4.0.scale", values => values[0] *= 0.02f);
        Assert.NotEqual(Layers(all)[0].ToString(), Layers(Analyse([.. many, "--ckpt", calibrated]))[0].ToString());
        string qat = Copy("qat");
        Change(qat, "head.stride4.0.scale", values => values[0] *= 0.02f);
        JsonElement trained = Analyse([.. many, "--stage", "qat", "--ckpt", qat]);
        Assert.Equal("qat", trained.GetProperty("stage").GetString());
        Assert.Equal("head.stride4.0", Layers(trained).MaxBy(layer => layer.GetProperty("clip_share").GetDouble()).GetProperty("name").GetString());
    }

    [Fact]
    public void What_is_advised_for_a_layer_that_clips_helps()
    {
        // A scale that is far too small for the first convolution.
        const string Rule = "{nodes: backbone.mod1.0.0, activation_observer: fixed_scale, scale: 0.0005}";
        string folder = Path.Combine(_folder.Root, "clipped");
        Directory.CreateDirectory(folder);
        File.Copy(run.Checkpoint("float"), Path.Combine(folder, "float-checkpoint-best.safetensors"));
        string[] config = run.Config("--set", $"ckpt_dir={folder}"), clipping = [.. config, "--set", $"calibration_trainer.rules=[{Rule}]"];
        Calibrate(clipping);
        JsonElement before = Layer(Analyse(clipping), "backbone.mod1.0.0");
        Assert.Equal("clips", before.GetProperty("verdict").GetString());
        Assert.True(before.GetProperty("clip_share").GetDouble() > 0.9);
        string advised = before.GetProperty("set").GetString()!;
        Assert.Equal($"--set \"calibration_trainer.rules=[{Rule}, {{nodes: backbone.mod1.0.0, activation_observer: widest}}]\"", advised); // the rules of before stay

        Calibrate([.. config, "--set", advised["--set \"".Length..^1]]);
        JsonElement after = Layer(Analyse(config), "backbone.mod1.0.0");
        Assert.True(after.GetProperty("sqnr").GetDouble() > before.GetProperty("sqnr").GetDouble() + 10);
        Assert.True(after.GetProperty("clip_share").GetDouble() < 0.5);
        Assert.True(after.GetProperty("flipped_share").GetDouble() < before.GetProperty("flipped_share").GetDouble());
        Assert.NotEqual("clips", after.GetProperty("verdict").GetString());
    }

    [Fact]
    public void What_is_advised_for_a_layer_that_rounds_helps()
    {
        const string Rule = "{nodes: backbone.mod1.0.0, activation_observer: fixed_scale, scale: 1.5}";
        string folder = Path.Combine(_folder.Root, "coarse");
        Directory.CreateDirectory(folder);
        File.Copy(run.Checkpoint("float"), Path.Combine(folder, "float-checkpoint-best.safetensors"));
        string[] config = run.Config("--set", $"ckpt_dir={folder}");
        Calibrate([.. config, "--set", $"calibration_trainer.rules=[{Rule}]"]);
        JsonElement before = Layer(Analyse(config), "backbone.mod1.0.0");
        Assert.Equal("rounds", before.GetProperty("verdict").GetString());
        string advised = before.GetProperty("set").GetString()!;
        Assert.Contains("activation_observer: fixed_scale, scale: 0.", advised);
        Calibrate([.. config, "--set", advised["--set \"".Length..^1]]);
        JsonElement after = Layer(Analyse(config), "backbone.mod1.0.0");
        Assert.True(after.GetProperty("sqnr").GetDouble() > before.GetProperty("sqnr").GetDouble() + 10);
        Assert.True(after.GetProperty("flipped_share").GetDouble() < before.GetProperty("flipped_share").GetDouble());
    }

    [Fact]
    public void A_tensor_of_zeros_is_named_and_the_rest_analysed()
    {
        string checkpoint = Copy("calibration");
        Change(checkpoint, "backbone.mod3.1.0.0.weight", values => Array.Clear(values));
        Cli said = Cli.Run(["analyze", .. run.Config("--ckpt", checkpoint)]);
        Assert.Equal(0, said.ExitCode);
        Assert.StartsWith("warning: every weight of backbone.mod3.1.0.0 is 0", said.Error);
        Assert.Single(said.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Bad_input_gives_one_message()
    {
        Fails(2, "--images is 0; an analysis needs at least 1 image.", "--images", "0");
        Fails(2, "--seconds is 0; it must be above 0", "--seconds", "0");
        Fails(2, "--stage is float; it must be calibration or qat.", "--stage", "float");
        Fails(3, Path.Combine(_folder.Root, "calibration-checkpoint-best.safetensors"), "--set", $"ckpt_dir={_folder.Root}");
        Fails(3, "is a checkpoint of stage qat; stage calibration is needed here", "--ckpt", run.Checkpoint("qat"));
        Fails(3, "None of the 1 images has a labelled pixel", "--set", $"val_data_loader.dataset.data_path={PackOf("empty", ClassTable.Ignore)}");

        void Fails(int exitCode, string message, params string[] options)
        {
            Cli failed = Cli.Run(["analyze", .. run.Config(options)]);
            Assert.Equal(exitCode, failed.ExitCode);
            Assert.Contains(message, failed.Error);
            Assert.DoesNotContain("   at ", failed.Error);
        }
    }

    private string Json() => Path.Combine(_folder.Root, "layers.json");

    private JsonElement Read() => JsonDocument.Parse(File.ReadAllText(Json())).RootElement;

    private JsonElement Analyse(string[] options)
    {
        // A machine that is busy with other tests may not end an analysis early.
        string[] time = options.Contains("--seconds") ? [] : ["--seconds", "100000"];
        Cli said = Cli.Run(["analyze", .. options.Contains("-c") ? options : run.Config(options), .. time, "--json", Json()]);
        Assert.True(said.ExitCode == 0, said.Error);
        return Read();
    }

    private static void Calibrate(string[] config)
    {
        Cli said = Cli.Run(["train", "--stage", "calibration", .. config]);
        Assert.True(said.ExitCode == 0, said.Error);
    }

    private static JsonElement[] Layers(JsonElement report) => [.. report.GetProperty("layers").EnumerateArray()];

    private static JsonElement Layer(JsonElement report, string name) => Layers(report).Single(layer => layer.GetProperty("name").GetString() == name);

    private static double Score(JsonElement report) => report.GetProperty("float").GetProperty("miou").GetDouble();

    private static string Percent(JsonElement report, string form) => MetricReport.Percent(report.GetProperty(form).GetProperty("miou").GetDouble());

    private static double Sum(JsonElement layer, params string[] keys) => keys.Sum(key => layer.GetProperty(key).GetDouble());

    private string[] Pack(int images)
    {
        string streets = Path.Combine(_folder.Root, "streets");
        TinyStreets.Write(streets, train: 0, val: images);
        Cli packed = Cli.Run("pack", "--src-data-dir", streets, "--target-data-dir", _folder.Root, "--split-name", "val", "--pack-type", "lmdb");
        Assert.True(packed.ExitCode == 0, packed.Error);
        return ["--set", $"val_data_loader.dataset.data_path={Path.Combine(_folder.Root, "val_lmdb")}"];
    }

    /// <summary>The run's validation image with one label everywhere.</summary>
    private string PackOf(string name, byte label)
    {
        string path = Path.Combine(_folder.Root, name);
        using SegmentationDataset source = SegmentationDataset.Open(Path.Combine(run.Root, "val_lmdb"));
        using var writer = new LmdbPackWriter(path, LabelEncoding.TrainIds(ClassTable.Cityscapes));
        SegmentationSample sample = source.Read(0);
        Array.Fill(sample.Label.Values, label);
        writer.Add(SampleRecord.Encode(sample.Image, sample.Label, sample.Name), sample.Name);
        writer.Complete();
        return path;
    }

    private string Copy(string stage)
    {
        string path = Path.Combine(_folder.Root, $"{stage}-changed.safetensors");
        File.Copy(run.Checkpoint(stage), path, overwrite: true);
        return path;
    }

    private static void Change(string path, string name, Action<float[]> change)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        SafetensorsTensor tensor = file.Tensors.First(candidate => candidate.Name == name);
        float[] values = tensor.ToFloats(path);
        change(values);
        new SafetensorsFile(file.Tensors.Replace(tensor, SafetensorsTensor.FromFloats(tensor.Name, tensor.Shape, values)), file.Metadata).Write(path);
    }
}
