using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Checks a program against the limits of a march and reports everything that does not fit, not only the first fault.</summary>
public static class ProgramChecker
{
    /// <summary>Checks every tensor and every instruction.</summary>
    public static CheckResult Check(IntegerProgram program, March march)
    {
        ImmutableArray<Violation>.Builder violations = ImmutableArray.CreateBuilder<Violation>();
        foreach (IntegerTensor tensor in program.Tensors)
        {
            CheckTensor(tensor, march, violations);
        }

        CheckRequantization(program, march, violations);
        var limits = new InstructionLimits(program, march);
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            violations.AddRange(instruction.Accept(limits));
        }

        return new CheckResult(march.Name, violations.ToImmutable(), Remarks(march));
    }

    private static ImmutableArray<string> Remarks(March march) => march.Requantization != RequantizationKind.Vendor
        ? []
        : [$"{march.Name} requantizes by its vendor's own arithmetic, which is not published: its int8 values can differ from this program's. The artefact computes Tessera's arithmetic wherever Tessera executes it."];

    private static void CheckRequantization(IntegerProgram program, March march, ImmutableArray<Violation>.Builder violations)
    {
        if (program.Instructions.OfType<ConvInstruction>().FirstOrDefault(conv => conv.Requantization != march.Arithmetic) is { } other)
        {
            violations.Add(new Violation(
                other.Name,
                "requantization",
                $"the network requantizes by {other.Requantization.Name}, for which it was calibrated",
                $"The march does by {march.Arithmetic.Name}: calibrate for it (compile_cfg.march: {march.Name}), or choose another march."));
        }
    }

    private static void CheckTensor(IntegerTensor tensor, March march, ImmutableArray<Violation>.Builder violations)
    {
        if (tensor.Height > march.MaxExtent || tensor.Width > march.MaxExtent)
        {
            violations.Add(new Violation(tensor.Name, "tensor-extent", $"it has {tensor.Height}x{tensor.Width} pixels", $"At most {march.MaxExtent} rows and columns; use a smaller input."));
        }

        if (tensor.Count > march.MaxTensorBytes)
        {
            violations.Add(new Violation(tensor.Name, "tensor-bytes", $"it has {tensor.Count} bytes", $"At most {march.MaxTensorBytes} bytes; use a smaller input or fewer channels."));
        }
    }
}
