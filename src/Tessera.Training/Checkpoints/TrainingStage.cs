using Tessera.Core;

namespace Tessera.Training;

/// <summary>The stages that leave a checkpoint, in their order.</summary>
public enum TrainingStage
{
    /// <summary>Training in float32 with batch norm.</summary>
    Float,

    /// <summary>Batch norm folded, scales found, weights as trained.</summary>
    Calibration,

    /// <summary>Training on the integer arithmetic with frozen scales.</summary>
    Qat,
}

/// <summary>The names of the stages on the command line and in file names.</summary>
public static class TrainingStages
{
    /// <summary>The stage's name: float, calibration, qat.</summary>
    public static string NameOf(TrainingStage stage) => stage switch
    {
        TrainingStage.Float => "float",
        TrainingStage.Calibration => "calibration",
        TrainingStage.Qat => "qat",
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "Not a stage."),
    };

    /// <summary>The stage of a name.</summary>
    /// <exception cref="UsageException">There is no such stage.</exception>
    public static TrainingStage Parse(string name) =>
        Enum.GetValues<TrainingStage>().Cast<TrainingStage?>().FirstOrDefault(stage => NameOf(stage!.Value) == name)
        ?? throw new UsageException($"There is no stage {name}; the stages are {string.Join(", ", Enum.GetValues<TrainingStage>().Select(NameOf))}.");
}
