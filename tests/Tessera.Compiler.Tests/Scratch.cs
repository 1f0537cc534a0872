namespace Tessera.Compiler.Tests;
public class Scratch(Xunit.Abstractions.ITestOutputHelper o)
{
    [Fact]
    public void Print()
    {
        foreach (string name in March.Names)
        {
            CompilationResult r = ModelCompiler.Compile(RealNetwork.Deploy, RealNetwork.Options(name, OptLevel.O2));
            var e = r.Estimate;
            o.WriteLine($"{name}: lat {e.LatencyMilliseconds:F4} fps {e.FramesPerSecond:F1} pipe {e.PipelinedFramesPerSecond:F1} ddr {e.DdrBytes} mem {r.Memory.MinimumBytes}");
            if (name == "cpu") r = r.WithMeasured([.. e.Layers.Select((l, i) => new MeasuredLayer(l.Name, l.Milliseconds * (0.9 + 0.02 * (i % 17))))]);
            File.WriteAllText($"/tmp/report-{name}.html", ReportHtml.Write(r));
            File.WriteAllText($"/tmp/report-{name}.json", ReportJson.Write(r));
        }
    }
}
