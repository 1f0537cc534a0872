using System.Globalization;
using Tessera.Recipes;

namespace Tessera.Graphs.Models;

/// <summary>The batch-norm settings of a model.</summary>
public sealed record BatchNormOptions
{
    /// <summary>Added to the variance; HAT's example uses 2e-5.</summary>
    public float Eps { get; init; } = 1e-5f;

    /// <summary>Weight of a new batch in the running statistics.</summary>
    public float Momentum { get; init; } = 0.1f;

    /// <summary>The settings of a model whose configuration says nothing about batch norm: HAT's example's.</summary>
    public static BatchNormOptions Example { get; } = new() { Eps = 2e-5f };

    /// <summary>Reads a <c>bn_kwargs</c> map.</summary>
    /// <param name="keys">The map.</param>
    /// <param name="fallback">What holds for absent keys.</param>
    public static BatchNormOptions Read(IKeyReader keys, BatchNormOptions fallback)
    {
        int problems = keys.ProblemCount;
        double eps = keys.Number("eps", Decimal(fallback.Eps), 1e-12, 1), momentum = keys.Number("momentum", Decimal(fallback.Momentum), 0, 1);
        if (momentum == 0 && keys.ProblemCount == problems)
        {
            keys.Report("momentum", "is 0; it must be above 0, or the running statistics, with which validation and all later stages run, never leave their initial values.");
        }

        // The parts of a model take over what the model says: a wrong value is reported once.
        return new BatchNormOptions { Eps = (float)eps, Momentum = momentum == 0 ? fallback.Momentum : (float)momentum };
    }

    /// <summary>The double of the same short decimal text: 2e-5 and not 1.9999999494757503e-05.</summary>
    private static double Decimal(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
