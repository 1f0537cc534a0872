namespace Tessera.Cli.Terminal;

/// <summary>Shows a library's progress reports on a bar, at once and in order (<see cref="Progress{T}"/> would post them to the thread pool).</summary>
/// <param name="bar">The bar.</param>
/// <param name="count">What of a report is done, and of how many.</param>
internal sealed class BarProgress<T>(ProgressBar bar, Func<T, (int Done, int Total)> count) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value)
    {
        (int done, int total) = count(value);
        bar.Report(done, total);
    }
}
