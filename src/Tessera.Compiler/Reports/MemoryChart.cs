using System.Xml.Linq;
using Tessera.Programs;
using static Tessera.Compiler.ReportText;

namespace Tessera.Compiler;

/// <summary>The memory plan as a picture: every tensor a box, as wide as it lives and as high as its bytes, at its place in the arena.</summary>
internal static class MemoryChart
{
    private const double Left = 64;
    private const double Top = 12;
    private const double PlotHeight = 240;
    private const double StepWidth = 14;
    private const int LabelEvery = 5;
    private const int Shades = 3;

    /// <summary>The chart.</summary>
    public static XElement Of(CompiledProgram compiled, long lowerBound)
    {
        IntegerProgram program = compiled.Program;
        int steps = program.Instructions.Length;
        double scale = PlotHeight / compiled.Memory.ArenaBytes;
        double width = Left + (steps * StepWidth) + 8;
        XElement svg = Element("svg", "chart", Attribute("viewBox", $"0 0 {Coordinate(width)} {Coordinate(Top + PlotHeight + 34)}"), Attribute("role", "img"), Attribute("aria-label", "Memory plan"));
        double step = NiceStep(compiled.Memory.ArenaBytes, 6);
        for (double value = 0; value <= compiled.Memory.ArenaBytes; value += step)
        {
            svg.Add(TimeChart.GridLine(width, Y(value), $"{Axis(value / 1e6)} MB"));
        }

        HashSet<int> outputs = [.. program.Outputs.Select(output => output.Tensor)];
        TensorLifetime[] lifetimes = TensorLifetime.Of(program);
        for (int tensor = 0; tensor < lifetimes.Length; tensor++)
        {
            int first = Math.Max(lifetimes[tensor].First, 0);
            int last = Math.Min(lifetimes[tensor].Last, steps - 1);
            if (first <= last)
            {
                string cssClass = tensor == 0 ? "tensor-input" : outputs.Contains(tensor) ? "tensor-output" : $"tensor-{tensor % Shades}";
                svg.Add(Box(compiled, tensor, first, last, cssClass));
            }
        }

        svg.Add(Line("bound", lowerBound));
        for (int i = 0; i < steps; i++)
        {
            if (i == 0 || (i + 1) % LabelEvery == 0)
            {
                svg.Add(TimeChart.Label(Left + ((i + 0.5) * StepWidth), Top + PlotHeight + 15, "middle", $"{i + 1}"));
            }
        }

        svg.Add(TimeChart.Label(Left + (steps * StepWidth / 2), Top + PlotHeight + 31, "middle", "layer number"));
        return svg;

        double Y(double bytes) => Top + PlotHeight - (bytes * scale);

        XElement Box(CompiledProgram plan, int tensor, int first, int last, string cssClass)
        {
            IntegerTensor shape = program.Tensors[tensor];
            return TimeChart.Rect(
                Left + (first * StepWidth), Y((long)plan.Memory.Offsets[tensor] + shape.Count), (last - first + 1) * StepWidth, shape.Count * scale, $"tensor {cssClass}",
                $"{shape.Name}: {shape.Height}x{shape.Width}x{shape.Channels}, {Bytes(shape.Count)} at {Bytes(plan.Memory.Offsets[tensor])}, layers {first + 1} to {last + 1}");
        }

        XElement Line(string cssClass, long bytes) => Element(
            "line", cssClass, Attribute("x1", Coordinate(Left)), Attribute("x2", Coordinate(width)), Attribute("y1", Coordinate(Y(bytes))), Attribute("y2", Coordinate(Y(bytes))),
            Element("title", "", $"The most bytes that live at once: {Bytes(bytes)}"));
    }
}
