using System.Runtime.InteropServices;

namespace Tessera.Cli.Terminal;

/// <summary>
/// Ctrl-C and SIGTERM. The first one asks the command to end in order; where it has not done so after a moment (a file that blocks, a long step),
/// the process is ended all the same. Nothing is lost by that: files appear whole or not at all.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>How long a command may take to end, unless it says otherwise.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly Action _end;
    private TimeSpan _patience;
    private readonly Lock _gate = new();
    private Timer? _timer;
    private bool _isOver;

    /// <summary>Waits for signals.</summary>
    /// <param name="end">Ends the process at once.</param>
    /// <param name="patience">How long the command may take to end; null for two seconds.</param>
    public StopSignals(Action end, TimeSpan? patience = null)
    {
        _end = end;
        _patience = patience ?? Usual;
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>From now on a command that is asked to end may take so long.</summary>
    public void AllowToEnd(TimeSpan patience)
    {
        lock (_gate)
        {
            _patience = patience;
        }
    }

    /// <summary>Takes a signal.</summary>
    /// <returns>True when the command is asked to end; false when the process shall die of it, as at the second one.</returns>
    public bool Take()
    {
        lock (_gate)
        {
            if (_isOver || _timer is not null)
            {
                return false;
            }

            _timer = new Timer(_ => End(), null, _patience, Timeout.InfiniteTimeSpan);
        }

        _cancellation.Cancel();
        return true;
    }

    /// <summary>Ends this process without waiting for its threads, some of which may stand in native code.</summary>
    /// <param name="exitCode">Its exit code.</param>
    public static void EndProcess(int exitCode)
    {
        if (!OperatingSystem.IsWindows())
        {
            ExitNow(exitCode);
        }

        Environment.Exit(exitCode);
    }

    /// <summary>From now on the command has ended, and decides the exit code itself.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _timer?.Dispose();
        }
    }

    private void End()
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _isOver = true;
                _end();
            }
        }
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitNow(int status);
}
