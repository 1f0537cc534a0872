using System.Collections.Immutable;
using System.Text.Json;

namespace Tessera.Training;

/// <summary>How far an epoch had come when a checkpoint was written within it, and what it had gathered: all that its end needs beside network and optimizer.</summary>
/// <param name="Batches">Batches that were trained on.</param>
/// <param name="BatchCount">Batches of the whole epoch.</param>
/// <param name="Images">Images that were trained on.</param>
/// <param name="LossSum">The sum over them of their batches' losses.</param>
/// <param name="Seconds">Time that the epoch had taken.</param>
/// <param name="Confusion">The counts of the score over the training images; empty where it is not kept.</param>
public sealed record EpochProgress(int Batches, int BatchCount, int Images, double LossSum, double Seconds, ImmutableArray<long> Confusion)
{
    /// <summary>One line of JSON; numbers are those that <see cref="FromJson"/> reads back, to the bit.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null where the text is something else, or says what cannot be.</summary>
    public static EpochProgress? FromJson(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<EpochProgress>(text) is { Batches: > 0, Images: > 0, Confusion.IsDefault: false } progress
                && progress.Batches <= progress.BatchCount && progress.Confusion.All(count => count >= 0) && double.IsFinite(progress.LossSum) && progress.Seconds >= 0
                ? progress
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
