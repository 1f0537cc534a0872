using System.Diagnostics;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Execution;

/// <summary>Executes a plan: owns the memory of one frame and of each thread. One frame at a time.</summary>
internal sealed unsafe class ProgramRunner : IDisposable
{
    private readonly IWorkerPool _pool;
    private readonly AlignedBuffer _shared;
    private readonly RowWorker[] _workers;
    private readonly Action<int> _work;
    private ExecutionStage _stage;
    private int _bands;
    private int _nextBand;

    /// <summary>Makes the memory.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="pool">The threads.</param>
    public ProgramRunner(ExecutionPlan plan, IWorkerPool pool)
    {
        Plan = plan;
        _pool = CheckedPool.Of(pool);
        _shared = new AlignedBuffer(plan.SharedBytes);
        _workers = new RowWorker[_pool.Workers];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new RowWorker(plan, _shared);
        }

        _work = TakeBands; // made once: a new delegate per stage would be garbage
        _stage = plan.Stages[0];
    }

    /// <summary>The plan.</summary>
    public ExecutionPlan Plan { get; }

    /// <summary>Bytes of memory that this instance holds.</summary>
    public long Bytes => _shared.Bytes + (_workers.Length * Plan.WorkerBytes);

    /// <summary>Executes the program on one image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="afterStage">Called behind each stage, with its index.</param>
    public void Run(ImageSource image, Action<int>? afterStage = null)
    {
        foreach (RowWorker worker in _workers)
        {
            worker.Read(image);
        }

        for (int i = 0; i < Plan.Stages.Length; i++)
        {
            _stage = Plan.Stages[i];
            _bands = _stage.Bands(_workers.Length);
            _nextBand = 0;
            if (_bands == 1)
            {
                TakeBands(0);
            }
            else
            {
                _pool.Run(_work);
            }

            afterStage?.Invoke(i);
        }
    }

    /// <summary>
    /// Makes the first rows of each stage, so that all machine code is there before the first frame: compiling it takes longer than a frame.
    /// </summary>
    public void Prepare()
    {
        RowWorker worker = _workers[0];
        worker.Read(new GrayImage(Plan.Program.Input.Width * Plan.Program.Input.Channels));
        foreach (ExecutionStage stage in Plan.Stages)
        {
            worker.RunBand(stage, 0, Math.Min(2, stage.Height)); // two: some kernels make two rows at once
        }
    }

    /// <summary>Copies a whole tensor without its padding.</summary>
    /// <param name="tensor">Its index in the program.</param>
    /// <param name="destination">H×W×C bytes.</param>
    public void CopyTo(int tensor, Span<byte> destination)
    {
        RowStorage rows = Plan.Storages[tensor];
        for (int y = 0; y < rows.Height; y++)
        {
            new ReadOnlySpan<byte>(_workers[0].Row(tensor, y), rows.RowBytes).CopyTo(destination.Slice(y * rows.RowBytes, rows.RowBytes));
        }

        GC.KeepAlive(this); // the rows are named by pointers, which keep nothing alive
    }

    /// <summary>Executes the program several times and measures each step.</summary>
    /// <returns>Milliseconds per step and frame, summed over the threads.</returns>
    public double[] Measure(ImageSource image, int frames)
    {
        foreach (RowWorker worker in _workers)
        {
            worker.Ticks.Clear();
            worker.Measures = true;
        }

        try
        {
            for (int frame = 0; frame < frames; frame++)
            {
                Run(image);
            }
        }
        finally
        {
            Array.ForEach(_workers, worker => worker.Measures = false);
        }

        var milliseconds = new double[Plan.Steps.Length];
        foreach (RowWorker worker in _workers)
        {
            for (int step = 0; step < milliseconds.Length; step++)
            {
                milliseconds[step] += worker.Ticks[step] * 1000.0 / Stopwatch.Frequency / frames;
            }
        }

        return milliseconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RowWorker worker in _workers)
        {
            worker.Dispose();
        }

        _shared.Dispose();
    }

    private void TakeBands(int worker)
    {
        for (int band = Interlocked.Increment(ref _nextBand) - 1; band < _bands; band = Interlocked.Increment(ref _nextBand) - 1)
        {
            int from = (int)((long)_stage.Height * band / _bands), to = (int)((long)_stage.Height * (band + 1) / _bands);
            _workers[worker].RunBand(_stage, from, to);
        }
    }
}
