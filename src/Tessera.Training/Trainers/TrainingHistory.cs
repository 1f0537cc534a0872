using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tessera.Core;

namespace Tessera.Training;

/// <summary>One finished epoch of a stage. Measures are fractions 0..1; null where there is none.</summary>
/// <param name="Stage">float, calibration or qat.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="LearningRate">The rate of its last step.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="MeanIoU">Validation mIoU.</param>
/// <param name="MeanAccuracy">Validation mAcc.</param>
/// <param name="PixelAccuracy">Validation aAcc.</param>
/// <param name="TrainingMeanIoU">mIoU over the training images at the finest stride.</param>
/// <param name="Seconds">Time, validation included.</param>
public sealed record HistoryEntry(
    [property: JsonPropertyName("stage")] string Stage,
    [property: JsonPropertyName("epoch")] int Epoch,
    [property: JsonPropertyName("lr")] double? LearningRate,
    [property: JsonPropertyName("loss")] double? Loss,
    [property: JsonPropertyName("mIoU")] double? MeanIoU,
    [property: JsonPropertyName("mAcc")] double? MeanAccuracy,
    [property: JsonPropertyName("aAcc")] double? PixelAccuracy,
    [property: JsonPropertyName("train_mIoU")] double? TrainingMeanIoU,
    [property: JsonPropertyName("seconds")] double Seconds);

/// <summary>
/// The run's history.jsonl: one line of JSON per finished epoch of each stage. Every addition replaces the file as a whole, so that a
/// reader never sees half a line.
/// </summary>
public sealed class TrainingHistory
{
    private readonly string _path;
    private readonly List<HistoryEntry> _entries;

    private TrainingHistory(string path, List<HistoryEntry> entries) => (_path, _entries) = (path, entries);

    /// <summary>The entries in file order.</summary>
    public IReadOnlyList<HistoryEntry> Entries => _entries;

    /// <summary>The history of a run's folder; empty where there is no file yet.</summary>
    /// <exception cref="BadFileException">The file cannot be read, or a line is no entry.</exception>
    public static TrainingHistory Open(string folder)
    {
        string path = Path.Combine(folder, "history.jsonl");
        var entries = new List<HistoryEntry>();
        if (!File.Exists(path))
        {
            return new TrainingHistory(path, entries);
        }

        int number = 0;
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                number++;
                entries.Add(JsonSerializer.Deserialize<HistoryEntry>(line) ?? throw new JsonException("null"));
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BadFileException($"{path}, line {number}: {fault.Message} Move the file away; a new one is made.", fault);
        }

        return new TrainingHistory(path, entries);
    }

    /// <summary>Forgets a stage's entries from an epoch on, which will be trained again; the file changes with the next addition.</summary>
    public void Forget(TrainingStage stage, int fromEpoch) =>
        _entries.RemoveAll(entry => entry.Stage == TrainingStages.NameOf(stage) && entry.Epoch >= fromEpoch);

    /// <summary>Adds an entry and writes the file.</summary>
    /// <exception cref="BadFileException">The folder cannot be written; the old file is untouched.</exception>
    public void Add(HistoryEntry entry)
    {
        _entries.Add(entry);
        var text = new StringBuilder();
        foreach (HistoryEntry item in _entries)
        {
            text.Append(JsonSerializer.Serialize(item)).Append('\n');
        }

        AtomicFile.WriteText(_path, text.ToString());
    }

    /// <summary>A measure as JSON can hold it: null for NaN.</summary>
    internal static double? Number(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
