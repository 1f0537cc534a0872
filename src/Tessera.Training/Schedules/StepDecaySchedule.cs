using System.Collections.Immutable;
using System.Globalization;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>
/// HAT's StepDecayLrUpdater in closed form: <c>initial · gamma^(number of milestones ≤ epoch)</c>, epochs from 0, so the rate of
/// milestone 200 holds from epoch 200 on.
/// </summary>
public sealed class StepDecaySchedule : ILearningRateSchedule
{
    /// <summary>Creates a schedule.</summary>
    /// <param name="initial">The first rate, above 0.</param>
    /// <param name="milestones">Epochs (lr_decay_id) at which the rate falls, rising.</param>
    /// <param name="gamma">The factor at each milestone, in (0, 1].</param>
    /// <exception cref="UsageException">A value is out of its range.</exception>
    public StepDecaySchedule(double initial, ImmutableArray<int> milestones, double gamma = 0.1)
    {
        RateRange.Require(initial);
        if (!(gamma > 0 && gamma <= 1))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"The learning rate's decay factor is {gamma}; it must lie in (0, 1]."));
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
    }

    /// <summary>The first rate.</summary>
    public double Initial { get; }

    /// <summary>Epochs at which the rate falls.</summary>
    public ImmutableArray<int> Milestones { get; }

    /// <summary>The factor at each milestone.</summary>
    public double Gamma { get; }

    /// <summary>Makes the schedule from its keys.</summary>
    /// <param name="keys">The updater's map.</param>
    /// <param name="initial">The first rate.</param>
    public static StepDecaySchedule Read(IKeyReader keys, double initial)
    {
        int problems = keys.ProblemCount;
        ImmutableArray<int> milestones = keys.Ints("lr_decay_id", [], null, 1, 100_000);
        if (!milestones.SequenceEqual(milestones.Distinct().Order()))
        {
            keys.Report("lr_decay_id", $"is [{string.Join(", ", milestones)}]; the epochs must ascend.");
        }

        double gamma = keys.Number("lr_decay_factor", 0.1, 1e-6, 1);
        return keys.ProblemCount == problems ? new StepDecaySchedule(initial, milestones, gamma) : new StepDecaySchedule(initial, []);
    }

    /// <inheritdoc/>
    public double RateAt(TrainingMoment moment) => Initial * Math.Pow(Gamma, Milestones.Count(milestone => milestone <= moment.Epoch));
}
