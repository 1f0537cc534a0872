using Xunit.Abstractions;
namespace Tessera.Compiler.Tests;
public class Scratch(ITestOutputHelper o)
{
    [Fact]
    public void Print()
    {
        foreach (string name in March.Names)
        {
            CompilationResult r = ModelCompiler.Compile(RealNetwork.Deploy, RealNetwork.Options(name, OptLevel.O2));
            var e = r.Estimate;
            o.WriteLine($"{name}: lat {e.LatencyMilliseconds:F4} fps {e.FramesPerSecond:F1} pipe {e.PipelinedFramesPerSecond:F1} macs {e.Macs} vec {e.VectorOperations} load {e.LoadedBytes} store {e.StoredBytes} c {e.Layers.Sum(l=>l.ComputeMilliseconds):F4} m {e.Layers.Sum(l=>l.MemoryMilliseconds):F4} ");
            foreach (var g in e.Layers.GroupBy(l => l.Kind)) o.WriteLine($"   {g.Key} macs {g.Sum(l=>l.Macs)} vec {g.Sum(l=>l.VectorOperations)} c {g.Sum(l=>l.ComputeMilliseconds):F3} m {g.Sum(l=>l.MemoryMilliseconds):F3} t {g.Sum(l=>l.Milliseconds):F3}");
            if (name == "cpu") { o.WriteLine(r.Memory.ToString()); foreach (var l in r.Memory.Levels) o.WriteLine(l.ToString());
            foreach (var l in e.Layers) o.WriteLine($"{l.Name,-32} {l.Kind,-12} {l.Output} macs {l.Macs,11} w {l.WeightBytes,8} ld {l.LoadedBytes,9} st {l.StoredBytes,9} u {l.Utilisation:F3} c {l.ComputeMilliseconds:F4} m {l.MemoryMilliseconds:F4}"); }
        }
    }
}
