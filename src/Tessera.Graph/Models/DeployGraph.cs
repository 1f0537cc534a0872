namespace Tessera.Graphs.Models;

/// <summary>From a training graph to the one that is deployed: the finest logits, what they need, and the class of each of their pixels.</summary>
public static class DeployGraph
{
    /// <summary>The name of the deploy graph's output: one byte per pixel at the finest stride.</summary>
    public const string ClassMap = "class_map";

    /// <summary>The node that makes the class map.</summary>
    public const string ArgMaxNode = "head.argmax";

    /// <summary>Rewrites a training graph, float or annotated, of any model.</summary>
    public static Graph Of(Graph training)
    {
        string finest = training.Outputs[LogitsOutputs.Of(training).Finest].Name;
        return training.KeepOutputs(finest).AppendToOutput(finest, ArgMaxNode, new ArgMax(), ClassMap);
    }
}
