using System.Collections.Immutable;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>A layer's channels, and as how many a march computes them.</summary>
/// <param name="Channels">Channels of one group; of all for what has no groups.</param>
/// <param name="Multiple">The multiple to which the march rounds them up.</param>
/// <param name="IsFixed">The network cannot choose them: they are the image's, or one for each class.</param>
public readonly record struct ChannelUse(int Channels, int Multiple, bool IsFixed)
{
    /// <summary>The channels that are computed: as many cost no more than there are now.</summary>
    public int Computed => (int)TensorFootprint.AlignUp(Channels, Multiple);

    /// <summary>The next number of channels below that is computed as it stands; 0 where there is none.</summary>
    public int Below => Channels / Multiple * Multiple;
}

/// <summary>What the channel multiples of a march cost one layer: the part of its arithmetic that is padding.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Inputs">The channels that it reads, in each group.</param>
/// <param name="Outputs">The channels that it makes, in each group; null where it makes those that it reads.</param>
/// <param name="Idle">The part of the multipliers that has nothing to do, above 0 and below 1.</param>
/// <param name="LostMilliseconds">How much shorter its estimate were without padding; 0 where it waits for memory anyway.</param>
public sealed record ChannelAdvice(string Name, InstructionKind Kind, ChannelUse Inputs, ChannelUse? Outputs, double Idle, double LostMilliseconds)
{
    /// <summary>The layers of a program that are padded, those that lose the most time first, then in execution order.</summary>
    /// <param name="program">The program, in the order in which it will be executed.</param>
    /// <param name="march">The march.</param>
    public static ImmutableArray<ChannelAdvice> Of(IntegerProgram program, March march)
    {
        March unpadded = march with { Alignment = march.Alignment with { InputChannels = 1, OutputChannels = 1, VectorChannels = 1 } };
        ImmutableArray<InstructionEstimate> layers = PerformanceEstimator.Estimate(program, march).Layers, ideal = PerformanceEstimator.Estimate(program, unpadded).Layers;
        return
        [
            .. program.Instructions.Select((instruction, i) => Of(program, instruction, march.Alignment, layers[i], layers[i].Milliseconds - ideal[i].Milliseconds))
                .Where(advice => advice.Idle > 0)
                .OrderByDescending(advice => advice.LostMilliseconds),
        ];
    }

    private static ChannelAdvice Of(IntegerProgram program, IntegerInstruction instruction, MarchAlignment alignment, InstructionEstimate layer, double lost)
    {
        bool isConvolution = layer.Kind == InstructionKind.Convolution;
        int groups = isConvolution ? ((ConvInstruction)instruction).Geometry.Groups : 1;
        return new ChannelAdvice(
            layer.Name,
            layer.Kind,
            Use(instruction.Inputs[0], isConvolution ? alignment.InputChannels : alignment.VectorChannels),
            isConvolution ? Use(instruction.Output, alignment.OutputChannels) : null,
            1 - layer.Utilisation,
            lost);

        ChannelUse Use(int tensor, int multiple) => new(program.Tensors[tensor].Channels / groups, multiple, IsFixed(program, tensor));
    }

    private static bool IsFixed(IntegerProgram program, int tensor) =>
        tensor == 0 || program.Instructions.Any(instruction => instruction is ArgMaxInstruction && instruction.Inputs.Contains(tensor));
}
