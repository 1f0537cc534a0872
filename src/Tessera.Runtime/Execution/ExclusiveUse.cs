namespace Tessera.Runtime.Execution;

/// <summary>
/// Lets one caller at a time use memory that is addressed by pointers. Others wait; a call from within the use itself would wait for ever, and is refused.
/// </summary>
/// <param name="owner">Whose memory it is, for messages.</param>
internal sealed class ExclusiveUse(object owner)
{
    private readonly Lock _lock = new();
    private bool _ended;

    /// <summary>Begins a use; ends when the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    /// <exception cref="InvalidOperationException">The caller is using it already: this is a callback.</exception>
    public Lock.Scope Begin()
    {
        RefuseCallback();
        Lock.Scope scope = _lock.EnterScope();
        if (_ended)
        {
            scope.Dispose();
            throw new ObjectDisposedException(owner.GetType().FullName);
        }

        return scope;
    }

    /// <summary>Waits for the use going on and lets none follow; true for the first who asks.</summary>
    /// <exception cref="InvalidOperationException">The caller is using it: this is a callback.</exception>
    public bool End()
    {
        RefuseCallback();
        lock (_lock)
        {
            bool first = !_ended;
            _ended = true;
            return first;
        }
    }

    private void RefuseCallback()
    {
        if (_lock.IsHeldByCurrentThread)
        {
            throw new InvalidOperationException($"This {owner.GetType().Name} is executing an image, and was called from that image's own callback. Call it when the image is done, or use another instance.");
        }
    }
}
