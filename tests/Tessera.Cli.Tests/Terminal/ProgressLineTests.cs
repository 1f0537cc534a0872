using Tessera.Cli.Terminal;
using Tessera.Training;

namespace Tessera.Cli.Tests.Terminal;

/// <summary>Redrawn lines never exceed the terminal.</summary>
public sealed class ProgressLineTests
{
    private const string Figures = "120/743 steps  loss 0.1234  1:03:05 left  3.20 images/s  waiting for data 12 %  lr 0.0005";

    [Theory]
    [InlineData(140, "[1/60] training [########................] 120/743 steps  loss 0.1234  1:03:05 left  3.20 images/s  waiting for data 12 %  lr 0.0005")]
    [InlineData(80, "[1/60] training [##....] 120/743 steps  loss 0.1234  1:03:05 left  3.20 images/s")]
    [InlineData(60, "[1/60] training 120/743 steps  loss 0.1234  1:03:05 left")]
    [InlineData(20, "[1/60] training 120…")]
    [InlineData(1, "…")]
    [InlineData(0, "")]
    public void Figures_then_the_bar_then_letters_give_way(int columns, string expected) =>
        Assert.Equal(expected, ProgressLine.Fit("[1/60] training", 1.0 / 3, Figures, columns));

    [Theory]
    [InlineData("packing 漢字漢字漢字")]
    [InlineData("🚗🚗🚗🚗 streets")]
    [InlineData("a\u001b[2J\nb\tc\r")]
    [InlineData("e\u0301e\u0301e\u0301")]
    public void No_line_is_wider_than_the_terminal(string what)
    {
        for (int columns = 0; columns < 150; columns++)
        {
            string line = ProgressLine.Fit(what, 0.5, Figures, columns);
            Assert.True(ProgressLine.Width(line) <= columns, $"{columns}: {line}");
            Assert.DoesNotContain(line, char.IsControl);
        }
    }

    [Fact]
    public void The_width_is_asked_for_at_each_redraw()
    {
        int columns = 100;
        using var error = new StringWriter { NewLine = "\n" };
        var console = new CommandConsole(TextWriter.Null, error, isTerminal: true, errorIsTerminal: true) { Columns = () => columns };
        console.Redraw(ProgressLine.Fit("a", 0, Figures, console.Columns() - 1));
        columns = 40;
        console.Redraw(ProgressLine.Fit("a", 0, Figures, console.Columns() - 1));
        string[] lines = error.ToString().Split('\r', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines[0].Length - "\u001b[K".Length is > 40 and < 100);
        Assert.True(lines[1].Length - "\u001b[K".Length < 40);
    }

    [Fact]
    public void The_loaders_advice_is_said_once_in_a_run()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var log = new TrainingLog(new CommandConsole(output, TextWriter.Null));
        for (int epoch = 0; epoch < 3; epoch++)
        {
            log.EpochBegins(new EpochBegin(TrainingStage.Float, epoch, 3, 0.1));
            log.StepEnds(new StepReport(epoch, 1, 1, epoch, 1, 1, 0.1, 2, 0.5, TimeSpan.Zero));
            log.EpochEnds(new EpochReport(TrainingStage.Float, epoch, 3, 0.1, 1, null, null, 1, 0.5, "data wait 50.0 % (bottleneck: decode)") { DataAdvice = "raise num_workers" });
        }

        Assert.Equal(3, output.ToString().Split("data wait 50.0 % (bottleneck: decode)").Length - 1);
        Assert.Equal(1, output.ToString().Split("Training waits for its data. To change that, raise num_workers.").Length - 1);
    }
}
