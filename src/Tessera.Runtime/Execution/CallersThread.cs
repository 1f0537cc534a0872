namespace Tessera.Runtime;

/// <summary>No threads but the caller's.</summary>
public sealed class CallersThread : IWorkerPool
{
    private CallersThread()
    {
    }

    /// <summary>The one instance; it holds nothing, so everybody may share it.</summary>
    public static CallersThread Pool { get; } = new();

    /// <inheritdoc/>
    public int Workers => 1;

    /// <inheritdoc/>
    public void Run(Action<int> work) => work(0);
}
