namespace Tessera.Core;

/// <summary>What follows from how a device requantizes: its scales, its multipliers, and how one accumulator becomes an int8.</summary>
public static class RequantizationRules
{
    /// <summary>The form of a name; null where there is none.</summary>
    public static Requantization? TryFind(string name)
    {
        foreach (Requantization form in Enum.GetValues<Requantization>())
        {
            if (form.Name == name)
            {
                return form;
            }
        }

        return null;
    }

    extension(Requantization form)
    {
        /// <summary>Its name in texts and files.</summary>
        public string Name => form switch
        {
            Requantization.Float32 => "float32",
            Requantization.Multiplier16 => "multiplier16",
            Requantization.Shift => "shift",
            _ => throw new ArgumentOutOfRangeException(nameof(form), form, "Not a form of requantization."),
        };

        /// <summary>Whether it computes with integers alone.</summary>
        public bool IsFixedPoint => form != Requantization.Float32;

        /// <summary>The largest factor that it holds.</summary>
        public float LargestMultiplier => form.IsFixedPoint ? FixedPoint.MostMultiplier : Int8Arithmetic.MultiplierLimit;

        /// <summary>The largest factor of a residual that it holds.</summary>
        public float LargestResidualMultiplier => form.IsFixedPoint ? FixedPoint.MostResidualMultiplier : Int8Arithmetic.MultiplierLimit;

        /// <summary>The least scale at or above one that was found: for a shift the next power of two, which HAT takes for it too.</summary>
        public float Scale(float found) => form == Requantization.Shift ? FixedPoint.PowerOfTwoFrom(found) : found;

        /// <summary>Whether it can work with a scale.</summary>
        public bool Takes(float scale) => form.Scale(scale) == scale;

        /// <summary>The factor from the accumulator's scale to the output's, <c>sx·sw / sy</c> in double, as it holds it.</summary>
        public float Multiplier(float inputScale, float weightScale, float outputScale) => form.IsFixedPoint
            ? FixedPoint.Nearest((double)inputScale * weightScale / outputScale)
            : Int8Arithmetic.Multiplier(inputScale, weightScale, outputScale);

        /// <summary>The factor from the residual's scale to the output's, <c>sr / sy</c> in double, as it holds it.</summary>
        public float ResidualMultiplier(float residualScale, float outputScale) => form.IsFixedPoint
            ? FixedPoint.Nearest((double)residualScale / outputScale)
            : Int8Arithmetic.ResidualMultiplier(residualScale, outputScale);

        /// <summary>Whether a factor is one that <see cref="Multiplier"/> gives.</summary>
        public bool Holds(float multiplier) => form switch
        {
            Requantization.Multiplier16 => FixedPoint.Holds(multiplier),
            Requantization.Shift => FixedPoint.Holds(multiplier) && (multiplier == 0 || FixedPoint.PowerOfTwoFrom(multiplier) == multiplier),
            _ => multiplier >= 0,
        };

        /// <summary>One result of a convolution, before an upper end below 127.</summary>
        /// <param name="accumulator">The int32 sum, of a magnitude below 2^24.</param>
        /// <param name="multiplier">The channel's multiplier.</param>
        /// <param name="low">0 after a ReLU, else -128.</param>
        public sbyte Requantize(int accumulator, float multiplier, int low) => form.IsFixedPoint
            ? FixedPoint.Requantize(accumulator, multiplier, low)
            : Int8Arithmetic.Requantize(accumulator, multiplier, low);

        /// <summary>The same with a residual.</summary>
        public sbyte Requantize(int accumulator, float multiplier, sbyte residual, float residualMultiplier, int low) => form.IsFixedPoint
            ? FixedPoint.Requantize(accumulator, multiplier, residual, residualMultiplier, low)
            : Int8Arithmetic.Requantize(accumulator, multiplier, residual, residualMultiplier, low);
    }
}
