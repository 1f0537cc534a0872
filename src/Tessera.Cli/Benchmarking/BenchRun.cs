using System.Diagnostics;
using System.Reflection;
using Microsoft.ML.OnnxRuntime;
using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Diagnostics;
using Tessera.Cli.Terminal;
using Tessera.Programs;
using Tessera.Runtime;
using Tessera.Training;

namespace Tessera.Cli.Benchmarking;

/// <summary>
/// Measures Tessera and its peers in one process. Every round runs one frame of each in turn (A B C A B C …), so that whatever else the machine does
/// falls on all of them, and ratios are taken within a round.
/// </summary>
internal static class BenchRun
{
    private const int LeastRounds = 5;
    private const int MostRounds = 200;
    private const int MostWarmUps = 10;
    private const double ProfileMilliseconds = 2000;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WarmUpBudget = TimeSpan.FromSeconds(3);

    /// <summary>Measures.</summary>
    /// <exception cref="Core.TesseraException">The configuration, an artefact or a checkpoint is wrong.</exception>
    public static BenchResult Run(CommandContext context, TesseraConfig config, BenchOptions options)
    {
        BenchNetwork network = BenchNetwork.Load(config, options);
        List<string> remarks = [];
        if (typeof(BenchRun).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            remarks.Add("This is a Debug build, whose code is not optimised: build with -c Release, or run ./tessera, before you quote a figure.");
        }

        string? onnxRuntime = options.Peers.Count == 0 ? null : OnnxRuntimeVersion(remarks);
        if (!network.IsCalibrated && onnxRuntime is not null && options.Peers.Contains("float"))
        {
            remarks.Add("The scales were not calibrated on the float network, so how many of its pixels equal Tessera's means nothing.");
        }

        IntegerTensor input = network.Compiled.Program.Input;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tessera-bench-");
        List<Runner> runners = [];
        try
        {
            sbyte[] image = BenchImage.Create(input.Height * input.Width);
            using var bar = new ProgressBar(context.Console, "starting", "models");
            (string Id, string File, int Threads)[] plan = [.. Plan(options, network, onnxRuntime is not null, folder.FullName)];
            foreach ((string id, string file, int threads) in plan)
            {
                bar.Report(runners.Count, plan.Length);
                ColdStart? cold = ColdStartProbe.Measure(options.ConfigPath, file, input.Height * input.Width, threads, context.Cancellation);
                runners.Add(new Runner(id, threads, cold, BenchModels.Load(file, image, threads)));
            }

            bar.Clear();
            Measure(context, runners, options.Frames);
            byte[] expected = runners[0].Model.ClassMap();
            var tessera = (TesseraModel)runners[0].Model;
            RunnerTimes[] times = [.. runners.Select(runner => runner.ToTimes(expected))];
            return new BenchResult
            {
                Machine = new BenchMachine(ProcessorFacts.Gather().Name, Environment.ProcessorCount, CheckpointFile.ThisVersion, tessera.Kernels, Environment.Version.ToString(), onnxRuntime),
                Network = network.Compiled.Program.Name,
                InputShape = $"1x3x{input.Height}x{input.Width}",
                Origin = network.Origin,
                Macs = network.Compiled.Program.Instructions.Sum(instruction => InstructionCost.Of(network.Compiled.Program, instruction).Macs),
                Runners = times,
                Layers = tessera.Profile((int)Math.Clamp(ProfileMilliseconds / times[0].Median, LeastRounds, MostRounds)),
                LayerThreads = runners[0].Threads,
                Peaks = [.. options.Threads.Select(PeakMeasurement.Measure)],
                Remarks = [.. remarks, .. SlowLayers.Lines(network.Compiled.Program, KernelSet.Best)],
            };
        }
        finally
        {
            runners.ForEach(runner => runner.Model.Dispose());
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The version of ONNX Runtime; null, with a remark, where its library cannot be loaded.</summary>
    private static string? OnnxRuntimeVersion(List<string> remarks)
    {
        try
        {
            return OrtEnv.Instance().GetVersionString();
        }
        catch (Exception fault) when (fault is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            remarks.Add($"ONNX Runtime cannot be loaded, so it is not compared: {fault.GetBaseException().Message} `tessera doctor` says what mends it.");
            return null;
        }
    }

    /// <summary>What runs: for each number of threads Tessera, then its peers.</summary>
    private static IEnumerable<(string Id, string File, int Threads)> Plan(BenchOptions options, BenchNetwork network, bool withPeers, string folder)
    {
        string[] ids = [RunnerTimes.Tessera, .. withPeers ? options.Peers : []];
        Dictionary<string, string> files = ids.ToDictionary(id => id, id => network.Write(id, folder));
        return options.Threads.SelectMany(threads => ids.Select(id => (id, files[id], threads)));
    }

    private static void Measure(CommandContext context, List<Runner> runners, int? frames)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < MostWarmUps && (i < 1 || Stopwatch.GetElapsedTime(start) < WarmUpBudget); i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            runners.ForEach(runner => runner.Model.Run());
        }

        GC.Collect();
        using var bar = new ProgressBar(context.Console, "measuring", "rounds");
        int rounds = frames ?? MostRounds;
        start = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds && (frames is not null || round < LeastRounds || Stopwatch.GetElapsedTime(start) < Budget); round++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            bar.Report(round, rounds);
            runners.ForEach(runner => runner.TimeOne());
        }
    }

    private sealed record Runner(string Id, int Threads, ColdStart? Cold, IBenchModel Model)
    {
        private readonly List<double> _milliseconds = [];

        public void TimeOne()
        {
            long start = Stopwatch.GetTimestamp();
            Model.Run();
            _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        public RunnerTimes ToTimes(byte[] expected)
        {
            byte[] map = Model.ClassMap();
            double equal = map.Zip(expected).Count(pair => pair.First == pair.Second) / (double)expected.Length;
            return new RunnerTimes(Id, NameOf(Id), Threads, _milliseconds, Cold, equal);
        }

        private static string NameOf(string id) => id switch
        {
            "float" => "ONNX Runtime float",
            "qdq" => "ONNX Runtime int8 (QDQ)",
            "integer" => "ONNX Runtime int8 (exact)",
            _ => "Tessera",
        };
    }
}
