using System.Collections.Immutable;
using System.Globalization;
using Tessera.Core;

namespace Tessera.Training;

/// <summary>
/// HAT's StepDecayLrUpdater in closed form: <c>initial · gamma^(number of milestones ≤ epoch)</c>, epochs from 0, so the rate of
/// milestone 200 holds from epoch 200 on. An optional linear warm-up scales the first steps.
/// </summary>
public sealed class StepDecaySchedule : ILearningRateSchedule
{
    /// <summary>Creates a schedule.</summary>
    /// <param name="initial">The first rate, above 0.</param>
    /// <param name="milestones">Epochs (lr_decay_id) at which the rate falls, rising.</param>
    /// <param name="gamma">The factor at each milestone, in (0, 1].</param>
    /// <param name="warmUpSteps">Steps over which the rate rises linearly from 0; 0 = none. Step i takes the share (i + 1) / (steps + 1).</param>
    /// <exception cref="UsageException">A value is out of its range.</exception>
    public StepDecaySchedule(double initial, ImmutableArray<int> milestones, double gamma = 0.1, int warmUpSteps = 0)
    {
        if (!(initial > 0) || !double.IsFinite(initial))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"The learning rate is {initial}; it must be a number above 0."));
        }

        if (!(gamma > 0 && gamma <= 1))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"The learning rate's decay factor is {gamma}; it must lie in (0, 1]."));
        }

        if (warmUpSteps < 0)
        {
            throw new UsageException($"The number of warm-up steps is {warmUpSteps}; it must be 0 or more.");
        }

        for (int i = 0; i < milestones.Length; i++)
        {
            if (milestones[i] < (i == 0 ? 0 : milestones[i - 1] + 1))
            {
                throw new UsageException($"lr_decay_id is [{string.Join(", ", milestones)}]; it must hold epochs from 0 on, each above the one before.");
            }
        }

        Initial = initial;
        Milestones = milestones;
        Gamma = gamma;
        WarmUpSteps = warmUpSteps;
    }

    /// <summary>The first rate.</summary>
    public double Initial { get; }

    /// <summary>Epochs at which the rate falls.</summary>
    public ImmutableArray<int> Milestones { get; }

    /// <summary>The factor at each milestone.</summary>
    public double Gamma { get; }

    /// <summary>Steps of the linear warm-up; 0 = none.</summary>
    public int WarmUpSteps { get; }

    /// <inheritdoc/>
    public double RateAt(int epoch, long step)
    {
        double rate = Initial * Math.Pow(Gamma, Milestones.Count(milestone => milestone <= epoch));
        return step < WarmUpSteps ? rate * (step + 1) / (WarmUpSteps + 1) : rate;
    }
}
