using Tessera.Cli.Analysis;

namespace Tessera.Cli.Tests.Analysis;

/// <summary>The plan of an analysis, by a clock that the test moves.</summary>
public class AnalysisPaceTests
{
    [Theory]
    [InlineData(50, 60, 1.0, 50, 55.0)] // all fit; the first two images took 5 s more
    [InlineData(50, 20, 1.0, 15, 20.0)]
    [InlineData(50, 10000, 1.0, 50, 55.0)]
    [InlineData(7, 60, 1.0, 7, 12.0)]
    public void So_many_images_are_planned_as_fit_and_the_time_said_is_the_time_taken(int wanted, double seconds, double each, int images, double announced)
    {
        double now = 0;
        var pace = new AnalysisPace(wanted, seconds, () => now);
        bool goesOn = true;
        int planned = 0;
        while (goesOn)
        {
            now += each + (pace.Done < 2 ? 2.5 : 0);
            goesOn = pace.Next();
            planned += pace.IsPlannedNow ? 1 : 0;
        }

        Assert.Equal((images, images), (pace.Images, pace.Done));
        bool isShort = seconds > 1000; // everything is done before a tenth of the time is over
        Assert.Equal(isShort ? 0 : 1, planned);
        Assert.Equal(isShort ? null : announced, pace.Announced);
        Assert.Equal(announced, now, 1e-9);
        Assert.False(pace.IsLate);
    }

    [Fact]
    public void A_machine_that_becomes_much_slower_ends_it_within_a_fifth()
    {
        double now = 0;
        var pace = new AnalysisPace(100, 60, () => now);
        bool goesOn = true;
        while (goesOn)
        {
            now += pace.Done < 10 ? 1 : 3;
            goesOn = pace.Next();
        }

        Assert.True(pace.IsLate);
        Assert.InRange(now, pace.Announced!.Value, pace.Announced.Value * 1.2);
    }

    [Fact]
    public void A_time_that_is_over_at_once_leaves_the_images_that_were_timed()
    {
        double now = 0;
        var pace = new AnalysisPace(50, 0.001, () => now);
        bool goesOn = true;
        while (goesOn)
        {
            now += 1;
            goesOn = pace.Next();
        }

        Assert.Equal((5, 5.0), (pace.Done, pace.Announced));
    }
}
