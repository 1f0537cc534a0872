using Tessera.Core;

namespace Tessera.Training.Tests.Schedules;

/// <summary>The schedules that fall with every step, against their formulas, and the start that all can have.</summary>
public class ScheduleTests
{
    [Fact]
    public void Warm_up_rises_linearly_to_the_rate_of_any_schedule()
    {
        Assert.Equal([0.25, 0.5, 0.75, 1, 1], Rates(new WarmUpSchedule(new StepDecaySchedule(1, []), 3), 5));
        ILearningRateSchedule poly = new PolySchedule(1, 1);
        Assert.Equal(Rates(poly, 5).Select((rate, step) => rate * Math.Min(1, (step + 1) / 4.0)), Rates(new WarmUpSchedule(poly, 3), 5));
        Assert.Contains("-2", Assert.Throws<UsageException>(() => new WarmUpSchedule(poly, -2)).Message);
    }

    [Fact]
    public void The_start_may_begin_above_0_stay_constant_or_be_counted_in_epochs()
    {
        ILearningRateSchedule flat = new StepDecaySchedule(1, []);
        Assert.Equal([0.4, 0.6, 0.8, 1, 1], Rates(new WarmUpSchedule(flat, new WarmUpOptions { Steps = 3, BeginRate = 0.2 }), 5).Select(rate => Math.Round(rate, 12)));
        Assert.Equal([0.2, 0.2, 0.2, 1, 1], Rates(new WarmUpSchedule(flat, new WarmUpOptions { Steps = 3, BeginRate = 0.2, IsConstant = true }), 5));
        Assert.Equal(Rates(new WarmUpSchedule(flat, 5), 8), Rates(new WarmUpSchedule(flat, new WarmUpOptions { Epochs = 1 }), 8));
    }

    [Fact]
    public void One_cycle_rises_and_falls_as_PyTorchs_does()
    {
        // 20 steps, of which 30 % rise: the top is at step 5; the first rate is 1 / 4, the last 1 / 40.
        double[] cosine = Rates(new OneCycleSchedule(1, new() { DivFactor = 4, FinalDivFactor = 10 }), 20), linear = Rates(new OneCycleSchedule(1, new() { DivFactor = 4, FinalDivFactor = 10, IsLinear = true }), 20);
        Assert.Equal((0.25, 1.0, 0.025), (cosine[0], cosine[5], Math.Round(cosine[19], 12)));
        Assert.Equal(0.25 + (0.75 / 2 * (1 - Math.Cos(Math.PI * 2 / 5))), cosine[2], 1e-12);
        Assert.Equal(0.025 + (0.975 / 2 * (1 + Math.Cos(Math.PI * 7 / 14))), cosine[12], 1e-12);
        Assert.Equal((0.25, 0.55, 1.0), (linear[0], Math.Round(linear[2], 12), linear[5]));
        Assert.Equal(1 - (0.975 * 7 / 14), linear[12], 1e-12);
        Assert.Contains("div_factor 0", Assert.Throws<UsageException>(() => new OneCycleSchedule(1, new() { DivFactor = 0 })).Message);
    }

    [Theory]
    [InlineData(0.01, 0.9, 0.0)]
    [InlineData(0.045, 2.0, 1e-4)]
    public void Poly_is_a_power_of_what_is_left(double first, double power, double last)
    {
        double[] rates = Rates(new PolySchedule(first, power, last), 20);
        Assert.All(rates.Index(), item => Assert.Equal(((first - last) * Math.Pow(1 - (item.Index / 20.0), power)) + last, item.Item, 1e-15));
    }

    [Theory]
    [InlineData(0.01, 0.0)]
    [InlineData(0.1, 1e-3)]
    public void Cosine_is_half_a_wave(double first, double last)
    {
        double[] rates = Rates(new CosineSchedule(first, last), 20);
        Assert.All(rates.Index(), item => Assert.Equal(last + ((first - last) * 0.5 * (1 + Math.Cos(Math.PI * item.Index / 20))), item.Item, 1e-15));
        Assert.Equal((first + last) / 2, rates[10], 1e-15);
    }

    [Fact]
    public void A_step_after_the_last_has_the_last_rate()
    {
        var late = new TrainingMoment(4, 99, 4, 5);
        Assert.Equal((0.25, 0.25), (new PolySchedule(1, 0.9, 0.25).RateAt(late), new CosineSchedule(1, 0.25).RateAt(late)));
    }

    [Fact]
    public void Impossible_settings_are_refused_with_the_value()
    {
        Assert.Contains("-1", Assert.Throws<UsageException>(() => new PolySchedule(-1)).Message);
        Assert.Contains("is 0;", Assert.Throws<UsageException>(() => new PolySchedule(1, power: 0)).Message);
        Assert.Contains("is 2;", Assert.Throws<UsageException>(() => new PolySchedule(1, last: 2)).Message);
        Assert.Contains("NaN", Assert.Throws<UsageException>(() => new CosineSchedule(1, double.NaN)).Message);
    }

    /// <summary>The rates of a training of four epochs of five steps.</summary>
    private static double[] Rates(ILearningRateSchedule schedule, int steps) => [.. Enumerable.Range(0, steps).Select(step => schedule.RateAt(new TrainingMoment(step / 5, step, 4, 5)))];
}
