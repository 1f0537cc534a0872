namespace Tessera.Programs;

/// <summary>
/// One answer for each kind of instruction: whoever executes, writes or estimates them implements it, and the compiler finds every place that lacks a new one.
/// </summary>
/// <typeparam name="T">The answer.</typeparam>
public interface IInstructionVisitor<out T>
{
    /// <summary>A convolution.</summary>
    T Visit(ConvInstruction conv);

    /// <summary>An average pooling.</summary>
    T Visit(AveragePoolInstruction pool);

    /// <summary>A max pooling.</summary>
    T Visit(MaxPoolInstruction pool);

    /// <summary>A concatenation of channels.</summary>
    T Visit(ConcatInstruction concat);

    /// <summary>An upsampling.</summary>
    T Visit(UpsampleInstruction upsample);

    /// <summary>An argmax.</summary>
    T Visit(ArgMaxInstruction argMax);
}
