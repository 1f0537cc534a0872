using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tessera.Core;

namespace Tessera.Compiler;

/// <summary>
/// A processor or chip that programs are compiled for: what it supports, how it aligns, how fast it is and what it holds.
/// Marches are data: one JSON file each, embedded in this assembly, with the source of every figure in <see cref="Notes"/>.
/// </summary>
public sealed record March
{
    private const string ResourcePrefix = "march/";
    private const string ResourceSuffix = ".json";

    /// <summary>The name as <c>--march</c> takes it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in one line.</summary>
    public required string Description { get; init; }

    /// <summary>True when Tessera executes programs of this march itself, so that its estimate can be measured.</summary>
    public required bool Executable { get; init; }

    /// <summary>How the processor itself brings accumulators back to int8.</summary>
    public required RequantizationKind Requantization { get; init; }

    /// <summary>How programs for it requantize: its own way where that is published, else Tessera's usual one.</summary>
    [JsonIgnore]
    public Core.Requantization Arithmetic => Requantization switch
    {
        RequantizationKind.Multiplier16 => Core.Requantization.Multiplier16,
        RequantizationKind.Shift => Core.Requantization.Shift,
        RequantizationKind.TesseraFp32 or RequantizationKind.Vendor => Core.Requantization.Float32,
        _ => throw new InvalidOperationException($"March {Name} has no requantization."),
    };

    /// <summary>Ordinary convolutions, pointwise ones included.</summary>
    public required ConvolutionLimits Convolution { get; init; }

    /// <summary>Convolutions with one input channel per group; null where they are not supported.</summary>
    public required ConvolutionLimits? Depthwise { get; init; }

    /// <summary>Most channels of an upsample; null where it is not supported.</summary>
    public required int? UpsampleMaxChannels { get; init; }

    /// <summary>Largest factor of an upsample.</summary>
    public required int UpsampleMaxFactor { get; init; }

    /// <summary>Average poolings; null where they are not supported.</summary>
    public required PoolingLimits? AveragePool { get; init; }

    /// <summary>Max poolings; null where they are not supported.</summary>
    public required PoolingLimits? MaxPool { get; init; }

    /// <summary>Most tensors that a concatenation reads; null where it is not supported.</summary>
    public required int? ConcatMaxParts { get; init; }

    /// <summary>Most channels of an argmax; null where it is not supported.</summary>
    public required int? ArgMaxMaxChannels { get; init; }

    /// <summary>Most rows and columns of a tensor.</summary>
    public required int MaxExtent { get; init; }

    /// <summary>Most bytes of a tensor.</summary>
    public required long MaxTensorBytes { get; init; }

    /// <summary>Multiples to which channels and addresses are rounded up.</summary>
    public required MarchAlignment Alignment { get; init; }

    /// <summary>Peak rates.</summary>
    public required MarchRates Rates { get; init; }

    /// <summary>Memory beside the compute units of one core, in bytes; activations that fit never reach DDR.</summary>
    public required long OnChipBytes { get; init; }

    /// <summary>Neighbouring instructions run row by row, so that a tensor between them needs a few rows only.</summary>
    public required bool StreamsRows { get; init; }

    /// <summary>Cores that can each work on a frame of their own; they share the memory bandwidth.</summary>
    public required int Cores { get; init; }

    /// <summary>Where every figure comes from.</summary>
    public required ImmutableArray<MarchNote> Notes { get; init; }

    /// <summary>The names of all marches, in alphabetical order.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        .. typeof(March).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(name => name[ResourcePrefix.Length..^ResourceSuffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Finds a march by one of <see cref="Names"/>.</summary>
    /// <exception cref="UsageException">No march has this name.</exception>
    public static March Find(string name) =>
        TryFind(name) ?? throw new UsageException($"There is no march \"{name}\". Use one of {string.Join(", ", Names)}.");

    /// <summary>Finds a march by name; HAT's spelling (<c>NASH_M</c>) is understood too.</summary>
    /// <returns>Null where no march has this name.</returns>
    public static March? TryFind(string name)
    {
        string wanted = name.Trim().ToLowerInvariant().Replace('_', '-');
        using Stream? stream = Names.Contains(wanted) ? typeof(March).Assembly.GetManifestResourceStream(ResourcePrefix + wanted + ResourceSuffix) : null;
        return stream is null ? null : JsonSerializer.Deserialize(stream, MarchJson.Default.March);
    }
}
