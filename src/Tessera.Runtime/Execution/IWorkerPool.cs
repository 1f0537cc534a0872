namespace Tessera.Runtime;

/// <summary>
/// The threads that execute a model. <see cref="WorkerPool"/> is Tessera's own; an application that has threads of its own gives them to the
/// model by implementing this.
/// </summary>
public interface IWorkerPool
{
    /// <summary>How many calls of <see cref="Run"/>'s work go on at once, 1 to 1024; asked for once by each model.</summary>
    int Workers { get; }

    /// <summary>
    /// Calls <paramref name="work"/> once with each of 0 .. <see cref="Workers"/> - 1, if possible all at once, and returns when every call has.
    /// A model calls it some dozens of times per frame, from one thread at a time; models that share the pool call it from several at once.
    /// A pool that does otherwise ends the frame with an <see cref="InvalidOperationException"/>; what the work throws reaches the model's caller.
    /// </summary>
    void Run(Action<int> work);
}
