using Tessera.Core;

namespace Tessera.Training;

/// <summary>Moves the parameters of a network against their gradients.</summary>
public interface IOptimizer
{
    /// <summary>Sets all gradients to zero.</summary>
    void ZeroGradients();

    /// <summary>Moves the parameters by one step.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <exception cref="WorkException">A gradient or a new value is NaN or infinite; nothing has changed then.</exception>
    void Step(double rate);

    /// <summary>A copy of what the optimizer remembers between steps: <c>SLOT.PARAMETER</c>, each as large as its parameter.</summary>
    IReadOnlyDictionary<string, float[]> ReadState();

    /// <summary>Takes over what was read earlier; what is missing starts afresh.</summary>
    /// <param name="state">As <see cref="ReadState"/> gives it.</param>
    /// <param name="steps">Steps that were taken until then.</param>
    /// <exception cref="ArgumentException">A value has another size than its parameter.</exception>
    void LoadState(IReadOnlyDictionary<string, float[]> state, long steps = 0);
}
