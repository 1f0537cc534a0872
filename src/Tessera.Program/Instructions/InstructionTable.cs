using System.Collections.Frozen;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>Every kind of instruction, by its number in artefacts.</summary>
internal static class InstructionTable
{
    /// <summary>A specimen of each kind; its fields mean nothing, a reader replaces them.</summary>
    public static FrozenDictionary<byte, IntegerInstruction> ByStoredKind { get; } = new IntegerInstruction[]
    {
        new ConvInstruction("", 0, null, 0)
        {
            Geometry = ConvGeometry.Square(1), Low = 0, High = 0, Weights = [], Bias = [], Multipliers = [],
        },
        new UpsampleInstruction("", 0, 0) { RowFactor = 1, ColumnFactor = 1, Mode = UpsampleMode.Bilinear },
        new ArgMaxInstruction("", 0, 0),
        new AveragePoolInstruction("", 0, 0) { Rows = new ConvAxis(1), Columns = new ConvAxis(1) },
        new MaxPoolInstruction("", 0, 0) { Rows = new ConvAxis(1), Columns = new ConvAxis(1) },
        new ConcatInstruction("", [], 0),
    }.ToFrozenDictionary(specimen => specimen.StoredKind);
}
