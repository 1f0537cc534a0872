using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>The draws that scenes are made of.</summary>
internal static class RandomDraws
{
    /// <summary>A number between two bounds, evenly.</summary>
    public static float Between(this SplittableRandom random, float low, float high) => low + ((high - low) * (float)random.NextDouble());

    /// <summary>True with a probability.</summary>
    public static bool Chance(this SplittableRandom random, double probability) => random.NextDouble() < probability;

    /// <summary>One of several, each equally likely.</summary>
    public static T Pick<T>(this SplittableRandom random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    /// <summary>The index of a weight, with a probability in proportion to it.</summary>
    public static int PickWeighted(this SplittableRandom random, params ReadOnlySpan<float> weights)
    {
        float total = 0;
        foreach (float weight in weights)
        {
            total += weight;
        }

        float rest = random.Between(0, total);
        for (int i = 0; i < weights.Length - 1; i++)
        {
            rest -= weights[i];
            if (rest < 0)
            {
                return i;
            }
        }

        return weights.Length - 1;
    }

    /// <summary>A colour around another: brightness and each channel vary by a share.</summary>
    public static Rgb Around(this SplittableRandom random, Rgb colour, float share)
    {
        float level = 1 + random.Between(-share, share);
        return new Rgb(
            ExactMath.Clamp01(colour.R * level * (1 + random.Between(-share / 2, share / 2))),
            ExactMath.Clamp01(colour.G * level * (1 + random.Between(-share / 2, share / 2))),
            ExactMath.Clamp01(colour.B * level * (1 + random.Between(-share / 2, share / 2))));
    }

    /// <summary>A paint or cloth of any hue: grays as often as colours, as streets have them.</summary>
    public static Rgb AnyColour(this SplittableRandom random, float grayShare = 0.5f)
    {
        if (random.Chance(grayShare))
        {
            return random.Around(Rgb.Gray(random.Between(0.04f, 0.9f)), 0.08f);
        }

        float level = random.Between(0.15f, 0.85f), saturation = random.Between(0.25f, 0.9f), hue = random.Between(0, 6);
        float low = level * (1 - saturation), middle = low + ((level - low) * ExactMath.Fraction(hue));
        return (int)hue switch
        {
            0 => new Rgb(level, middle, low),
            1 => new Rgb(middle, level, low),
            2 => new Rgb(low, level, middle),
            3 => new Rgb(low, middle, level),
            4 => new Rgb(middle, low, level),
            _ => new Rgb(level, low, middle),
        };
    }
}
