using Tessera.Core;

namespace Tessera.Training.Tests.Schedules;

public class StepDecayScheduleTests
{
    [Theory]
    [InlineData(0, 0.01)]
    [InlineData(199, 0.01)]
    [InlineData(200, 0.001)]
    [InlineData(239, 0.001)]
    [InlineData(240, 0.0001)]
    [InlineData(280, 0.00001)]
    [InlineData(299, 0.00001)]
    public void The_tutorials_rate_falls_at_its_milestones(int epoch, double rate)
    {
        var schedule = new StepDecaySchedule(0.01, [200, 240, 280]);

        // Equal up to the rounding of the powers of 0.1.
        Assert.Equal(rate, schedule.RateAt(new TrainingMoment(epoch, epoch * 93L, 300, 93)), rate * 1e-12);
    }

    [Fact]
    public void A_schedule_without_milestones_stays()
    {
        Assert.Equal(2e-4, new StepDecaySchedule(2e-4, []).RateAt(new TrainingMoment(1000, 0, 1001, 1)));
    }

    [Fact]
    public void Impossible_settings_are_refused_with_the_value()
    {
        Assert.Contains("-1", Assert.Throws<UsageException>(() => new StepDecaySchedule(-1, [])).Message);
        Assert.Contains("NaN", Assert.Throws<UsageException>(() => new StepDecaySchedule(double.NaN, [])).Message);
        Assert.Contains("1.5", Assert.Throws<UsageException>(() => new StepDecaySchedule(1, [], gamma: 1.5)).Message);
        Assert.Contains("5, 5", Assert.Throws<UsageException>(() => new StepDecaySchedule(1, [5, 5])).Message);
    }
}
