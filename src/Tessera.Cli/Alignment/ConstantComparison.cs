using Tessera.Programs;

namespace Tessera.Cli.Alignment;

/// <summary>Compares the constants of two programs, whatever they compute: a changed weight may not show on the images at hand.</summary>
internal static class ConstantComparison
{
    /// <summary>The first difference in words, in the order of <paramref name="expected"/>; null when all constants are equal.</summary>
    public static string? FirstDifference(IntegerProgram expected, IntegerProgram actual)
    {
        Dictionary<string, IntegerInstruction> byName = actual.Instructions.ToDictionary(instruction => instruction.Name);
        foreach (IntegerInstruction instruction in expected.Instructions)
        {
            if (!byName.TryGetValue(instruction.Name, out IntegerInstruction? other) || other.GetType() != instruction.GetType())
            {
                return $"layer {instruction.Name} is missing or of another kind";
            }

            if (instruction is ConvInstruction conv && Difference(conv, (ConvInstruction)other) is { } what)
            {
                return $"the {what} of layer {instruction.Name} differ";
            }
        }

        return null;
    }

    private static string? Difference(ConvInstruction expected, ConvInstruction actual)
    {
        (string What, bool IsEqual)[] parts =
        [
            ("weights", expected.Weights.AsSpan().SequenceEqual(actual.Weights.AsSpan())),
            ("biases", expected.Bias.AsSpan().SequenceEqual(actual.Bias.AsSpan())),
            ("multipliers", expected.Multipliers.AsSpan().SequenceEqual(actual.Multipliers.AsSpan()) && expected.ResidualMultiplier.Equals(actual.ResidualMultiplier)),
            ("settings", (expected.Geometry, expected.Low, expected.High) == (actual.Geometry, actual.Low, actual.High)),
        ];
        return parts.Where(part => !part.IsEqual).Select(part => part.What).FirstOrDefault();
    }
}
