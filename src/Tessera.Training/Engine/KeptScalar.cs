using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>A number for libtorch that lives as long as whoever computes with it.</summary>
/// <remarks>
/// TorchSharp turns every number that is given to an operation into a <see cref="Scalar"/> with a finalizer and hands on its native handle only: a garbage
/// collection during the call frees it, and the call then reads freed memory. Even <c>a.add(b)</c> makes one. All operations with a number therefore
/// go through <see cref="ScalarOperations"/>; an architecture test forbids the others, and those that take a number but make another one inside (<c>add(Scalar)</c>).
/// </remarks>
internal sealed class KeptScalar
{
    /// <summary>A real number.</summary>
    public KeptScalar(double value) => Value = value;

    /// <summary>An integer: compared with integers it leaves them integers.</summary>
    public KeptScalar(long value) => Value = value;

    /// <summary>1.</summary>
    public static KeptScalar One { get; } = new(1L);

    /// <summary>TorchSharp's object, for <see cref="ScalarOperations"/>.</summary>
    public Scalar Value { get; }
}

/// <summary>libtorch's operations with a number, each of which keeps the number alive until it has returned.</summary>
internal static class ScalarOperations
{
    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => Kept(a.add(b, KeptScalar.One.Value), KeptScalar.One);

    /// <summary>a + b, written over a.</summary>
    public static Tensor PlusInPlace(this Tensor a, Tensor b) => Kept(a.add_(b, KeptScalar.One.Value), KeptScalar.One);

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, KeptScalar b) => Kept(Kept(a.add(b.Value, KeptScalar.One.Value), b), KeptScalar.One);

    /// <summary>a + b, written over a.</summary>
    public static Tensor PlusInPlace(this Tensor a, KeptScalar b) => Kept(Kept(a.add_(b.Value, KeptScalar.One.Value), b), KeptScalar.One);

    /// <summary>a · b.</summary>
    public static Tensor Times(this Tensor a, KeptScalar b) => Kept(a.mul(b.Value), b);

    /// <summary>a · b, written over a.</summary>
    public static Tensor TimesInPlace(this Tensor a, KeptScalar b) => Kept(a.mul_(b.Value), b);

    /// <summary>a to the power of b.</summary>
    public static Tensor Power(this Tensor a, KeptScalar b) => Kept(a.pow(b.Value), b);

    /// <summary>a where it is at least low, else low.</summary>
    public static Tensor AtLeast(this Tensor a, KeptScalar low) => Kept(a.clamp_min(low.Value), low);

    /// <summary>a within [low, high].</summary>
    public static Tensor Clamped(this Tensor a, KeptScalar low, KeptScalar high) => Kept(Kept(a.clamp(low.Value, high.Value), low), high);

    /// <summary>a within [low, high], written over a.</summary>
    public static Tensor ClampInPlace(this Tensor a, KeptScalar low, KeptScalar high) => Kept(Kept(a.clamp_(low.Value, high.Value), low), high);

    /// <summary>Where a differs from b.</summary>
    public static Tensor IsNot(this Tensor a, KeptScalar b) => Kept(a.ne(b.Value), b);

    /// <summary>Where a is at least b.</summary>
    public static Tensor IsAtLeast(this Tensor a, KeptScalar b) => Kept(a.ge(b.Value), b);

    private static Tensor Kept(Tensor result, KeptScalar scalar)
    {
        GC.KeepAlive(scalar);
        return result;
    }
}
