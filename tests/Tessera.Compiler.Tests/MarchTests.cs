using System.Reflection;
using Tessera.Core;

namespace Tessera.Compiler.Tests;

public class MarchTests
{
    public static TheoryData<string> Names => [.. March.Names];

    [Fact]
    public void All_marches_of_the_design_are_there() =>
        Assert.Equal(["bayes", "bernoulli2", "cpu", "generic-multiplier16", "generic-shift", "nash-b", "nash-e", "nash-m", "nash-p"], March.Names.AsEnumerable());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_march_is_complete_and_possible(string name)
    {
        March march = March.Find(name);
        Assert.Equal(name, march.Name);
        Assert.NotEmpty(march.Description);
        Assert.True(march.Cores > 0 && march.OnChipBytes > 0 && march.MaxExtent > 0 && march.MaxTensorBytes > 0);
        Assert.InRange(march.Rates.SustainedFraction, 0.01, 1);
        Assert.All(NumbersOf(march.Rates).Concat(NumbersOf(march.Alignment)), figure => Assert.True(figure > 0));
        foreach (ConvolutionLimits limits in new[] { march.Convolution, march.Depthwise! })
        {
            Assert.Contains(3, limits.Kernels);
            Assert.All(NumbersOf(limits), figure => Assert.True(figure > 0));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_figure_of_a_march_has_exactly_one_note_that_says_where_it_comes_from(string name)
    {
        March march = March.Find(name);
        string[] figures =
        [
            "requantization", "limits", "alignment", "rates.convolutionMacsPerSecond", "rates.vectorOperationsPerSecond",
            "rates.memoryBytesPerSecond", "rates.sustainedFraction", "onChipBytes", "streamsRows", "cores",
        ];
        Assert.Equal(figures, march.Notes.Select(note => note.Figure));
        Assert.All(march.Notes, note => Assert.NotEmpty(note.Text));
    }

    [Fact]
    public void Only_the_cpu_is_executed_and_computes_the_specified_arithmetic()
    {
        March[] executable = [.. March.Names.Select(March.Find).Where(march => march.Executable)];
        Assert.Equal(["cpu"], executable.Select(march => march.Name));
        Assert.Equal(RequantizationKind.TesseraFp32, executable[0].Requantization);
        Assert.All(March.Names.Select(March.Find).Where(march => !march.Executable), march => Assert.DoesNotContain(march.Notes, note => note.Basis == FigureBasis.Measured));
    }

    [Theory]
    [InlineData("nash_m")]
    [InlineData("NASH_M")]
    [InlineData(" Nash-M ")]
    public void A_name_is_found_in_the_spelling_of_hat(string name) => Assert.Equal("nash-m", March.Find(name).Name);

    [Fact]
    public void An_unknown_march_is_answered_with_the_names()
    {
        string message = Assert.Throws<UsageException>(() => March.Find("bernuli2")).Message;
        Assert.Contains("\"bernuli2\"", message);
        Assert.Contains(string.Join(", ", March.Names), message);
    }

    private static IEnumerable<double> NumbersOf(object record) => record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => property.GetValue(record))
        .OfType<IConvertible>().Where(value => value is int or long or double).Select(value => value.ToDouble(null));
}
