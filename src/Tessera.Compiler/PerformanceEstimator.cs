using System.Collections.Immutable;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Estimates the time of a program on a march: per instruction the longer of arithmetic and memory traffic (a roofline).</summary>
public static class PerformanceEstimator
{
    /// <summary>Estimates a program in the order in which it will be executed.</summary>
    public static PerformanceEstimate Estimate(IntegerProgram program, March march)
    {
        var traffic = new ActivationTraffic(program, march);
        ImmutableArray<InstructionEstimate> layers = [.. program.Instructions.Select(instruction => Estimate(program, instruction, march, traffic))];
        double compute = layers.Sum(layer => layer.ComputeMilliseconds);
        double memory = layers.Sum(layer => layer.MemoryMilliseconds);
        double oneByOne = 1000 / layers.Sum(layer => layer.Milliseconds);
        double pipelined = 1000 / Math.Max(compute / march.Cores, memory); // cores share the memory
        return new PerformanceEstimate(march, layers, oneByOne, pipelined);
    }

    private static InstructionEstimate Estimate(IntegerProgram program, IntegerInstruction instruction, March march, ActivationTraffic traffic)
    {
        IntegerTensor input = program.Tensors[instruction.Inputs[0]];
        IntegerTensor output = program.Tensors[instruction.Output];
        InstructionKind kind = InstructionKinds.Of(program, instruction);
        long macs = InstructionCost.Of(program, instruction).Macs;
        long operations = instruction.VectorOperations(input, output);
        double vectorUtilisation = Filled(input.Channels, march.Alignment.VectorChannels);
        double utilisation = kind == InstructionKind.Convolution ? ConvolutionUtilisation((ConvInstruction)instruction, input, output, march.Alignment) : vectorUtilisation;
        double macRate = kind == InstructionKind.Convolution ? march.Rates.ConvolutionMacsPerSecond : march.Rates.VectorOperationsPerSecond;
        double seconds = (macs / (macRate * utilisation)) + (operations / (march.Rates.VectorOperationsPerSecond * vectorUtilisation));
        long weights = instruction.ConstantBytes;
        long loaded = traffic.Loaded(instruction);
        long stored = traffic.Stored(instruction);
        return new InstructionEstimate
        {
            Name = instruction.Name,
            Kind = kind,
            Output = (output.Height, output.Width, output.Channels),
            Macs = macs,
            VectorOperations = operations,
            WeightBytes = weights,
            LoadedBytes = loaded,
            StoredBytes = stored,
            Utilisation = utilisation,
            ComputeMilliseconds = 1000 * seconds / march.Rates.SustainedFraction,
            MemoryMilliseconds = 1000 * (weights + loaded + stored) / (march.Rates.MemoryBytesPerSecond * march.Rates.SustainedFraction),
        };
    }

    private static double ConvolutionUtilisation(ConvInstruction conv, IntegerTensor input, IntegerTensor output, MarchAlignment alignment) =>
        Filled(input.Channels / conv.Geometry.Groups, alignment.InputChannels) * Filled(output.Channels / conv.Geometry.Groups, alignment.OutputChannels);

    /// <summary>The part of the lanes that work when channels are taken in blocks.</summary>
    private static double Filled(int channels, int block) => channels / (double)TensorFootprint.AlignUp(channels, block);
}
