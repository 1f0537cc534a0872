// Seconds of one training step, the counterpart of ../shared/reference/unet_reference.py step:
//   dotnet run -c Release --project benchmarks/TrainingStep -- float|qat|eval N H W [repetitions] [threads]
using System.Diagnostics;
using System.Globalization;
using Tessera.Benchmarks.TrainingStep;
using Tessera.Core;

if (args.Length is < 4 or > 6 || !Enum.TryParse(args[0], ignoreCase: true, out StepKind kind)
    || !args[1..].All(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0))
{
    Console.Error.WriteLine("usage: TrainingStep float|qat|eval N H W [repetitions] [threads]");
    return 2;
}

int[] numbers = [.. args[1..].Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
int repetitions = numbers.ElementAtOrDefault(3) is > 0 and var given ? given : 8;
int threads = numbers.ElementAtOrDefault(4) is > 0 and var wanted ? wanted : 2;
var shape = new TensorShape(numbers[0], 3, numbers[1], numbers[2]);
using var step = new Step(kind, shape, threads);
const int WarmUp = 2;
var seconds = new List<double>();
TimeSpan processorTime = default;
float loss = 0;
for (int i = 0; i < WarmUp + repetitions; i++)
{
    processorTime = i == WarmUp ? Environment.CpuUsage.TotalTime : processorTime;
    long start = Stopwatch.GetTimestamp();
    loss = step.Run();
    if (i >= WarmUp)
    {
        seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}

// Unlike the clock, the processor time hardly depends on what else the machine does.
double processor = (Environment.CpuUsage.TotalTime - processorTime).TotalSeconds / repetitions;
seconds.Sort();
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{kind} {shape}: median {seconds[seconds.Count / 2]:0.0000} s, min {seconds[0]:0.0000} s per step, {processor:0.0000} s of processor time, {threads} threads, loss {loss:0.0000}, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB"));
return 0;
