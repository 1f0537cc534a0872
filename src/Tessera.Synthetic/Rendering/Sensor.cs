using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Turns light into the bytes of a camera: a soft lens, vignetting, white balance, exposure, contrast and noise.</summary>
internal sealed class Sensor
{
    private readonly float _softness;
    private readonly bool _outOfFocus;
    private readonly float _vignette;
    private readonly Rgb _gain;
    private readonly float _contrast;
    private readonly float _lift;
    private readonly float _noise;
    private readonly ulong _noiseSeed;

    /// <summary>Draws a camera's faults for one picture.</summary>
    /// <param name="brightness">How bright level ground is; automatic exposure makes up for half of it.</param>
    /// <param name="random">Draws the rest.</param>
    public Sensor(float brightness, SplittableRandom random)
    {
        _softness = random.Between(0.10f, 0.22f);
        _outOfFocus = random.Chance(0.12);
        _vignette = random.Chance(0.6) ? random.Between(0.05f, 0.45f) : 0;
        float exposure = random.Between(0.9f, 1.35f) / MathF.Sqrt(brightness), warmth = random.Between(-0.10f, 0.10f), tint = random.Between(-0.03f, 0.03f);
        _gain = new Rgb(1 + warmth, 1 + tint, 1 - warmth) * exposure;
        _contrast = random.Between(-0.25f, 0.5f);
        _lift = random.Chance(0.3) ? random.Between(0, 0.06f) : 0;
        _noise = random.Chance(0.3) ? random.Between(4, 11) : random.Between(1, 4);
        _noiseSeed = random.NextUInt64();
    }

    /// <summary>Develops the canvas to Height·Width·3 bytes; the canvas' colours are used up.</summary>
    public byte[] Develop(Canvas canvas)
    {
        Soften(canvas);
        if (_outOfFocus)
        {
            Soften(canvas);
        }

        int height = canvas.Height, width = canvas.Width;
        var pixels = new byte[height * width * 3];
        float[] colour = canvas.Colour;
        float middleX = width / 2f, middleY = height / 2f, perRadius = _vignette / ((middleX * middleX) + (middleY * middleY));
        for (int y = 0, i = 0; y < height; y++)
        {
            float dy = y - middleY;
            for (int x = 0; x < width; x++, i += 3)
            {
                float dx = x - middleX, level = 1 - (perRadius * ((dx * dx) + (dy * dy)));
                ulong bits = SplittableRandom.Mix(_noiseSeed + (ulong)i);
                pixels[i] = Byte(colour[i] * level * _gain.R, bits);
                pixels[i + 1] = Byte(colour[i + 1] * level * _gain.G, bits >> 20);
                pixels[i + 2] = Byte(colour[i + 2] * level * _gain.B, bits >> 40);
            }
        }

        return pixels;
    }

    private byte Byte(float light, ulong bits)
    {
        // Straight to 0.8, then a shoulder that reaches 1 late.
        float value = light < 0.8f ? light : 1 - (0.04f / (light - 0.6f));
        value += _contrast * value * (1 - value) * ((2 * value) - 1);
        value = _lift + ((1 - _lift) * value);

        // Two uniform draws of ten bits make a triangle of deviation about one; dark pixels are noisier.
        float grain = ((int)(bits & 1023) + (int)((bits >> 10) & 1023) - 1023) * (1 / 418f);
        float result = (value * 255) + (grain * _noise * (1.2f - (0.6f * value))) + 0.5f;
        return (byte)Math.Clamp(result, 0, 255);
    }

    /// <summary>A blur of three by three pixels, in place.</summary>
    private void Soften(Canvas canvas)
    {
        int height = canvas.Height, stride = canvas.Width * 3;
        float side = _softness, centre = 1 - (2 * side);
        float[] colour = canvas.Colour, above = new float[stride], current = new float[stride];
        for (int y = 0; y < height; y++)
        {
            Span<float> row = colour.AsSpan(y * stride, stride);
            row.CopyTo(current);
            for (int i = 3; i < stride - 3; i++)
            {
                row[i] = (current[i] * centre) + ((current[i - 3] + current[i + 3]) * side);
            }
        }

        colour.AsSpan(0, stride).CopyTo(above);
        for (int y = 1; y < height - 1; y++)
        {
            Span<float> row = colour.AsSpan(y * stride, stride), below = colour.AsSpan((y + 1) * stride, stride);
            row.CopyTo(current);
            for (int i = 0; i < stride; i++)
            {
                row[i] = (current[i] * centre) + ((above[i] + below[i]) * side);
            }

            (above, current) = (current, above);
        }
    }
}
