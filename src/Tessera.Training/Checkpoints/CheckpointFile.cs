using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Training;

/// <summary>
/// Checkpoints as safetensors: the parameters under their graph names, for calibration and QAT the scales, in <c>last</c> what the
/// optimizer remembers; the rest is metadata.
/// </summary>
public static class CheckpointFile
{
    /// <summary>How the names of tensors begin that are the optimizer's.</summary>
    internal const string OptimizerPrefix = "optimizer.";

    private const string ProgressKey = "progress";
    private const string Format = "2";
    private const string FormatWithoutChecksum = "1";

    /// <summary>The version of this program.</summary>
    public static string ThisVersion { get; } = typeof(CheckpointFile).Assembly.GetName().Version!.ToString(3);

    /// <summary>Puts a checkpoint into a container.</summary>
    /// <exception cref="WorkException">A parameter or running statistic holds a value that no trained network has.</exception>
    public static SafetensorsFile ToFile(Checkpoint checkpoint)
    {
        Graph graph = checkpoint.Network.Graph;
        if (checkpoint.Network.Parameters.FindImpossible(graph) is { } found)
        {
            throw new WorkException($"No checkpoint is written: {found}, which no trained network has. Train again with a smaller optimizer.lr.");
        }

        var tensors = new List<SafetensorsTensor>(checkpoint.Network.Parameters.ToTensors(graph));
        if (checkpoint.State.Stage != TrainingStage.Float)
        {
            tensors.AddRange(ScaleTable.Of(graph).ToTensors());
        }

        Dictionary<string, ImmutableArray<int>> shapes = TrainedShapes(graph);
        tensors.AddRange(checkpoint.OptimizerState.Select(item => SafetensorsTensor.FromFloats(OptimizerPrefix + item.Key, shapes[ParameterOf(item.Key)], item.Value)));

        CheckpointState state = checkpoint.State;
        var metadata = new Dictionary<string, string>
        {
            ["tessera.format"] = Format,
            ["tessera.version"] = checkpoint.ToolVersion,
            ["stage"] = TrainingStages.NameOf(state.Stage),
            ["epoch"] = state.Epoch.ToString(CultureInfo.InvariantCulture),
            ["step"] = state.Step.ToString(CultureInfo.InvariantCulture),
            ["metric"] = state.Metric.ToString("R", CultureInfo.InvariantCulture),
            ["best_metric"] = state.BestMetric.ToString("R", CultureInfo.InvariantCulture),
            ["network"] = checkpoint.Fingerprint,
            ["seed"] = checkpoint.Run.Seed.ToString(CultureInfo.InvariantCulture),
            ["classes"] = JsonSerializer.Serialize(checkpoint.Run.Classes),
            ["lineage"] = JsonSerializer.Serialize(checkpoint.Run.Lineage.ToDictionary(item => TrainingStages.NameOf(item.Key), item => item.Value)),
            ["data"] = JsonSerializer.Serialize(checkpoint.Run.Data),
            ["config"] = checkpoint.Run.Config,
            ["config_sha256"] = checkpoint.Run.ConfigHash,
            ["created"] = checkpoint.Created.ToString("O", CultureInfo.InvariantCulture),
        };
        if (state.Progress is { } progress)
        {
            metadata[ProgressKey] = progress.ToJson();
        }

        if (ScaleTable.RequantizationOf(graph) is var requantization && requantization != Requantization.Float32)
        {
            metadata[ScaleTable.RequantizationKey] = requantization.Name;
        }

        return new SafetensorsFile(tensors, metadata);
    }

    /// <summary>Reads the checkpoint of a stage and a network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stage">The stage that it must be of.</param>
    /// <param name="training">The float training graph that the configuration describes; its batch and image size go into the result.</param>
    /// <exception cref="BadFileException">The file is missing, damaged, no checkpoint of Tessera, or of another stage or network.</exception>
    public static Checkpoint Read(string path, TrainingStage stage, Graph training)
    {
        if (!File.Exists(path))
        {
            throw new BadFileException($"There is no checkpoint {path}. Run `tessera train --stage {TrainingStages.NameOf(stage)}` with this configuration first, or name another file with --ckpt.");
        }

        SafetensorsFile file = SafetensorsFile.Read(path);
        if (!file.Metadata.TryGetValue("tessera.format", out string? format))
        {
            throw new BadFileException($"{path} is a safetensors file, but no checkpoint of Tessera (it has no key tessera.format). Give a file that `tessera train` wrote.");
        }

        if (format is not (Format or FormatWithoutChecksum))
        {
            throw new BadFileException($"{path} has checkpoint format {format}; this program reads formats {FormatWithoutChecksum} and {Format}. Use the version of Tessera that wrote it ({Text(file, path, "tessera.version")}).");
        }

        if (format == Format && !file.HasChecksum)
        {
            throw Damaged(path, "its checksum");
        }

        string foundStage = Text(file, path, "stage"), wantedStage = TrainingStages.NameOf(stage);
        if (foundStage != wantedStage)
        {
            throw new BadFileException($"{path} is a checkpoint of stage {foundStage}; stage {wantedStage} is needed here. Give {CheckpointStore.BestName(stage)} of the same run, or run `tessera train --stage {wantedStage}` first.");
        }

        string found = Text(file, path, "network"), wanted = NetworkFingerprint.Of(training);
        if (found != wanted)
        {
            throw new BadFileException($"{path} is a checkpoint of another network than the configuration describes (fingerprint {found[..Math.Min(12, found.Length)]}, the configuration's is {wanted[..12]}). Give the configuration that it was trained with (its model and, for a network whose windows follow it, its input_size), or another checkpoint.");
        }

        Graph graph = stage == TrainingStage.Float ? training : AnnotatedGraph(training, file, path);
        ParameterSet parameters = ParameterSet.From(graph, file, path);
        EpochProgress? progress = !file.Metadata.TryGetValue(ProgressKey, out string? text) ? null : EpochProgress.FromJson(text) ?? throw Damaged(path, ProgressKey);
        int epoch = progress is not null && Text(file, path, "epoch") == "-1" ? -1 : (int)Number(file, path, "epoch", int.MaxValue - 1);
        var state = new CheckpointState(stage, epoch, Number(file, path, "step", long.MaxValue), Share(file, path, "metric"), Share(file, path, "best_metric")) { Progress = progress };
        return new Checkpoint(state, ReadRun(file, path), new Network(graph, parameters), found, ReadOptimizerState(graph, file, path))
        {
            Created = DateTimeOffset.TryParse(Text(file, path, "created"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset created)
                ? created
                : throw Damaged(path, "created"),
            ToolVersion = Text(file, path, "tessera.version"),
            WeightsHash = WeightsHash.Of(file),
            IsVerified = file.HasChecksum,
        };
    }

    private static Graph AnnotatedGraph(Graph training, SafetensorsFile file, string path)
    {
        Graph prepared = QuantizationPreparation.PrepareGraph(training);
        return ScaleTable.From(prepared, file, path).Annotate(prepared);
    }

    private static RunInfo ReadRun(SafetensorsFile file, string path) => new()
    {
        Seed = ulong.TryParse(Text(file, path, "seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed : throw Damaged(path, "seed"),
        Config = Text(file, path, "config"),
        Classes = Json<string[]>(file, path, "classes") is { } classes && !classes.Contains(null) ? [.. classes] : throw Damaged(path, "classes"),
        Lineage = Texts(file, path, "lineage").ToImmutableSortedDictionary(
            item => Enum.GetValues<TrainingStage>().Cast<TrainingStage?>().FirstOrDefault(stage => TrainingStages.NameOf(stage!.Value) == item.Key) ?? throw Damaged(path, "lineage"), item => item.Value),
        Data = Texts(file, path, "data").ToImmutableSortedDictionary(),
    };

    /// <summary>A map of texts; empty where the key is absent, as in format 1.</summary>
    private static Dictionary<string, string> Texts(SafetensorsFile file, string path, string key) => !file.Metadata.ContainsKey(key) ? []
        : Json<Dictionary<string, string>>(file, path, key) is { } texts && !texts.ContainsValue(null!) ? texts : throw Damaged(path, key);

    private static T? Json<T>(SafetensorsFile file, string path, string key)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Text(file, path, key));
        }
        catch (JsonException fault)
        {
            throw Damaged(path, key, fault);
        }
    }

    private static Dictionary<string, float[]> ReadOptimizerState(Graph graph, SafetensorsFile file, string path)
    {
        Dictionary<string, ImmutableArray<int>> shapes = TrainedShapes(graph);
        var state = new Dictionary<string, float[]>();
        foreach (SafetensorsTensor tensor in file.Tensors.Where(tensor => tensor.Name.StartsWith(OptimizerPrefix, StringComparison.Ordinal)))
        {
            string name = tensor.Name[OptimizerPrefix.Length..];
            float[] values = tensor.ToFloats(path);
            state[name] = shapes.TryGetValue(ParameterOf(name), out ImmutableArray<int> shape) && tensor.Shape.SequenceEqual(shape)
                && !values.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue)
                ? values
                : throw Damaged(path, tensor.Name);
        }

        return state;
    }

    /// <summary>The shapes of all that a training may move: parameters, and in an annotated graph the scales.</summary>
    private static Dictionary<string, ImmutableArray<int>> TrainedShapes(Graph graph) => graph.Parameters.Select(parameter => (parameter.Name, parameter.Shape))
        .Concat(graph.Input.Output.Quant is null ? [] : ScaleTable.Of(graph).ToTensors().Select(scale => (scale.Name, scale.Shape)))
        .ToDictionary(item => item.Name, item => item.Shape);

    /// <summary>The parameter to which a value of the optimizer's belongs: its name is SLOT.PARAMETER.</summary>
    private static string ParameterOf(string state) => state[(state.IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static string Text(SafetensorsFile file, string path, string key) =>
        file.Metadata.TryGetValue(key, out string? text) ? text : throw Damaged(path, key);

    private static long Number(SafetensorsFile file, string path, string key, long max) =>
        long.TryParse(Text(file, path, key), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= max ? number : throw Damaged(path, key);

    /// <summary>A number from 0 to 1, or NaN for none.</summary>
    private static double Share(SafetensorsFile file, string path, string key) =>
        double.TryParse(Text(file, path, key), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && !(number is < 0 or > 1) ? number : throw Damaged(path, key);

    private static BadFileException Damaged(string path, string key, Exception? inner = null) =>
        new($"{path} is not a whole checkpoint: {key} is missing or cannot be read. Take another copy or train again.", inner);
}
