namespace Tessera.Graphs;

/// <summary>
/// One answer for each operation. Whoever treats operations differently (training, lowering, ONNX) implements it: a new operation is a new method,
/// and the compiler finds every place that lacks it.
/// </summary>
/// <typeparam name="T">The answer.</typeparam>
public interface IOpVisitor<out T>
{
    /// <summary>The image.</summary>
    T Visit(Input op);

    /// <summary>A convolution.</summary>
    T Visit(Conv2d op);

    /// <summary>A batch normalisation.</summary>
    T Visit(BatchNorm2d op);

    /// <summary>A ReLU.</summary>
    T Visit(Relu op);

    /// <summary>A sum.</summary>
    T Visit(Add op);

    /// <summary>An average pooling.</summary>
    T Visit(AvgPool2d op);

    /// <summary>A max pooling.</summary>
    T Visit(MaxPool2d op);

    /// <summary>A concatenation of channels.</summary>
    T Visit(Concat op);

    /// <summary>An upsampling.</summary>
    T Visit(Upsample op);

    /// <summary>An argmax.</summary>
    T Visit(ArgMax op);
}
