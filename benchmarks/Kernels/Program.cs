using Tessera.Benchmarks.Kernels;
using Tessera.Runtime;

// Every kernel set of this machine, or those that are named, on the layers of the network at 1024x2048 and on layers of other networks, one row (or two)
// again and again, so that memory plays no part. Values are compared with the scalar set first. Rounds alternate between the sets; the fastest round counts.
const int Rounds = 200;
KernelSet[] sets = [.. KernelSet.All.Where(set => set.IsSupported && (args.Length == 0 || args.Contains(set.Name)))];
KernelSet scalar = KernelSet.Named("scalar");
Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}; G multiply-adds per second on one thread\n");
Console.WriteLine("layer".PadRight(46) + string.Concat(sets.Select(set => set.Name.PadLeft(12))) + "  kernel of the first");
foreach (KernelCase layer in KernelCase.OfTheNetwork().Concat(KernelCase.OfOtherNetworks()))
{
    KernelRun[] runs = [.. sets.Select(set => new KernelRun(layer, set))];
    foreach (KernelRun run in runs)
    {
        run.CompareWith(new KernelRun(layer, scalar));
    }

    double[] best = new double[sets.Length];
    for (int round = 0; round < Rounds; round++)
    {
        for (int i = 0; i < runs.Length; i++)
        {
            best[i] = Math.Max(best[i], layer.Macs / runs[i].Seconds() / 1e9);
        }
    }

    Console.WriteLine(layer.Name.PadRight(46) + string.Concat(best.Select(rate => $"{rate,12:F1}")) + "  " + runs[0].Kernel);
}
