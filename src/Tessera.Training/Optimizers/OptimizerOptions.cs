namespace Tessera.Training;

/// <summary>Settings of an optimizer. The learning rate is not among them: each step gets its own.</summary>
public abstract record OptimizerOptions
{
    /// <summary>Makes the optimizer of a network, which stays the caller's.</summary>
    public abstract IOptimizer Create(GraphModule module);
}
