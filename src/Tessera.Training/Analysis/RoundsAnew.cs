using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>Whether an operation of a prepared graph rounds what it makes; the others only move int8 values.</summary>
internal sealed class RoundsAnew : IOpVisitor<bool>
{
    /// <summary>The one instance.</summary>
    public static RoundsAnew Instance { get; } = new();

    /// <inheritdoc/>
    public bool Visit(Input op) => false;

    /// <inheritdoc/>
    public bool Visit(Conv2d op) => true;

    /// <inheritdoc/>
    public bool Visit(BatchNorm2d op) => false;

    /// <inheritdoc/>
    public bool Visit(Relu op) => false;

    /// <inheritdoc/>
    public bool Visit(Add op) => false;

    /// <inheritdoc/>
    public bool Visit(AvgPool2d op) => true;

    /// <inheritdoc/>
    public bool Visit(MaxPool2d op) => false;

    /// <inheritdoc/>
    public bool Visit(Concat op) => false;

    /// <inheritdoc/>
    public bool Visit(Upsample op) => op.Mode == UpsampleMode.Bilinear;

    /// <inheritdoc/>
    public bool Visit(ArgMax op) => false;
}
