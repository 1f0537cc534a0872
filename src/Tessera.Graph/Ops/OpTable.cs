using System.Collections.Frozen;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>Every operation, by its name in the text form.</summary>
public static class OpTable
{
    /// <summary>A specimen of each operation; its attributes mean nothing, the parser replaces them.</summary>
    public static FrozenDictionary<string, Op> ByMnemonic { get; } = new Op[]
    {
        new Input(),
        new Conv2d(1, 1, ConvGeometry.Square(1)),
        new BatchNorm2d(1, 0, 0),
        new Relu(),
        new Add(),
        new AvgPool2d(new ConvAxis(1), new ConvAxis(1)),
        new MaxPool2d(new ConvAxis(1), new ConvAxis(1)),
        new Concat(),
        Upsample.Bilinear(1),
        new ArgMax(),
    }.ToFrozenDictionary(op => op.Mnemonic);
}
