using System.Xml;
using System.Xml.Linq;
using Tessera.Programs;

namespace Tessera.Compiler.Tests.Reports;

public class ReportHtmlTests
{
    private static XDocument Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader);
    }

    [Fact]
    public void The_report_is_well_formed_and_has_a_row_a_strip_part_and_a_pair_of_columns_per_layer()
    {
        CompilationResult result = ModelCompiler.Compile(RealNetwork.Deploy, RealNetwork.Options("nash-m", OptLevel.O2));
        XDocument report = Parse(ReportHtml.Write(result));
        XElement table = report.Descendants("table").Single(element => (string?)element.Attribute("id") == "layers");
        Assert.Equal(result.Estimate.Layers.Select(layer => layer.Name), table.Element("tbody")!.Elements("tr").Select(row => row.Elements("td").ElementAt(1).Value));
        Assert.All(table.Descendants("tr"), row => Assert.Equal(12, row.Elements().Count()));
        XElement[] charts = [.. report.Descendants("svg")];
        Assert.Equal(3, charts.Length);
        Assert.Equal(63, charts[0].Elements("rect").Count());
        Assert.Equal(2 * 63, charts[1].Elements("rect").Count());
        Assert.Equal(64, charts[2].Elements("rect").Count());
        Assert.Contains("3.679846", report.Root!.Value);
        Assert.Contains(ProgramHash.Of(result.Compiled.Program), report.Root.Value);
    }

    [Fact]
    public void The_report_needs_nothing_from_outside_and_shows_the_figures_of_the_march()
    {
        string html = ReportHtml.Write(ModelCompiler.Compile(RealNetwork.Deploy, RealNetwork.Options("nash-m", OptLevel.O2)));
        Assert.StartsWith("<!DOCTYPE html>\n", html);
        Assert.DoesNotContain("http", html);
        Assert.DoesNotContain("src=", html);
        Assert.DoesNotContain("href=", html);
        Assert.DoesNotContain("url(", html);
        Assert.DoesNotContain(">NaN", html);
        Assert.DoesNotContain("=\"NaN", html);
        Assert.Contains("prefers-color-scheme: dark", html);
        Assert.Contains("width=device-width", html);
        Assert.All(March.Find("nash-m").Notes, note => Assert.Contains(note.Figure, html));
    }

    [Fact]
    public void Hostile_names_are_escaped_everywhere()
    {
        const string Hostile = "</script><script>alert(\"1\")</script>&'";
        IntegerProgram tail = RandomPrograms.UpsampleAndArgMax(2);
        var program = new IntegerProgram(
            Hostile, [.. tail.Tensors.Select(tensor => tensor with { Name = Hostile + tensor.Name })], [.. tail.Instructions.Select(i => i with { Name = Hostile + i.Name })], [new(Hostile, 2)]);
        CompilationResult result = ModelCompiler.Compile(program, new CompileOptions(March.Find("cpu"), OptLevel.O2, RandomPrograms.Classes(Hostile, Hostile + "2")));
        string html = ReportHtml.Write(result);
        Assert.DoesNotContain("<script>alert", html);
        Assert.Single(Parse(html).Descendants("script"));
        Assert.Equal("</script><script>alert(\"1\")</script>&'", Parse(html).Descendants("h1").Single().Value);
        Assert.DoesNotContain("<script>", ReportJson.Write(result));
    }

    [Fact]
    public void Measured_times_get_a_column_a_card_and_marks()
    {
        CompilationResult result = ModelCompiler.Compile(RandomPrograms.UpsampleAndArgMax(2), new CompileOptions(March.Find("cpu"), OptLevel.O2, RandomPrograms.Classes("a", "b")))
            .WithMeasured("avx2", [new MeasuredLayer("up", 1.5), new MeasuredLayer("classes", 0.25)]);
        XDocument report = Parse(ReportHtml.Write(result));
        Assert.Contains("Measured latency1.750 ms", report.Root!.Value);
        Assert.Contains("Measured ms", report.Descendants("th").Select(head => head.Value));
        Assert.Equal(2, report.Descendants("rect").Count(rect => (string?)rect.Attribute("class") == "measured"));
    }

    [Fact]
    public void Neither_script_nor_style_holds_a_character_that_xml_would_escape()
    {
        string html = ReportHtml.Write(ModelCompiler.Compile(RandomPrograms.UpsampleAndArgMax(2), new CompileOptions(March.Find("cpu"), OptLevel.O2, RandomPrograms.Classes("a", "b"))));
        foreach (XElement element in Parse(html).Descendants().Where(element => element.Name.LocalName is "script" or "style"))
        {
            Assert.Equal(-1, element.Value.AsSpan().IndexOfAny('<', '>', '&'));
        }
    }
}
