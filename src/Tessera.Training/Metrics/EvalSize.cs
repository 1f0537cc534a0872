namespace Tessera.Training;

/// <summary>At which size predictions are compared with labels.</summary>
public enum EvalSize
{
    /// <summary>At the network's input size, against the label resized to it (HAT's validation).</summary>
    Input,

    /// <summary>At each image's own size, against its label as stored (the benchmark's rule).</summary>
    Original,
}
