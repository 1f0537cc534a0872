namespace Tessera.Training;

/// <summary>How libtorch is set up.</summary>
public sealed record TorchOptions
{
    /// <summary>Threads of one operation, at least 1; null leaves libtorch's choice, one per core.</summary>
    public int? Threads { get; init; }
}
