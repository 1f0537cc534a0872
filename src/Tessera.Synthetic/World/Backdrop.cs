using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>What is behind all objects: the ground, the far skyline and the sky.</summary>
internal sealed class Backdrop
{
    private const float FarAway = 260;

    private readonly Camera _camera;
    private readonly Daylight _daylight;
    private readonly ShadowMap _shadows;
    private readonly Ground _ground;
    private readonly float _skylineLevel;
    private readonly float _skylineBlocks;
    private readonly float _treeShare;
    private readonly float _hills;
    private readonly int _salt;
    private readonly Rgb[] _walls;
    private readonly Rgb _leaves;
    private readonly Rgb _fields;

    /// <summary>Draws a skyline for a scene.</summary>
    public Backdrop(Scene scene, Ground ground, SplittableRandom random)
    {
        (_camera, _daylight, _shadows, _ground) = (scene.Camera, scene.Daylight, scene.Shadows, ground);
        _skylineLevel = random.Between(0.01f, 0.07f);
        _skylineBlocks = random.Between(9, 30);
        _treeShare = scene.Plan.Country ? random.Between(0.6f, 1) : random.Between(0.1f, 0.9f);
        _hills = random.Chance(0.25) ? random.Between(0.01f, 0.06f) : 0;
        _salt = random.Next(1 << 20);
        _walls = scene.Style.Walls;
        _leaves = scene.Style.Leaves[0];
        _fields = scene.Style.Grass;
    }

    /// <summary>Paints every pixel that no object covers.</summary>
    public void Paint(Canvas canvas)
    {
        float pixel = 1 / _camera.Focal, eye = _camera.Position.Y;
        for (int y = 0; y < canvas.Height; y++)
        {
            for (int x = 0; x < canvas.Width; x++)
            {
                int index = (y * canvas.Width) + x;
                if (canvas.Nearness[index] > 0)
                {
                    continue;
                }

                Vec3 ray = _camera.Ray(x + 0.5f, y + 0.5f);
                float depth = ray.Y < -1e-4f ? eye / -ray.Y : FarAway;
                if (depth < FarAway)
                {
                    PaintGround(canvas, index, ray * depth, depth, pixel);
                }
                else
                {
                    (Rgb colour, byte label) = Far(ray);
                    canvas.Set(index, colour, 1 / FarAway, label);
                }
            }
        }
    }

    private void PaintGround(Canvas canvas, int index, Vec3 place, float depth, float pixel)
    {
        float across = depth * pixel, along = across * depth / _camera.Position.Y;
        (Rgb albedo, byte label) = _ground.At(place.X, place.Z, across, along);
        float open = 1 - (0.7f * _shadows.Sky(place.X, place.Z)), lit = 1 - _shadows.Sun(place.X, place.Z);
        Rgb light = (_daylight.SkyLight * open) + (_daylight.SunLight * (_daylight.Sun.Y * lit * open));
        Rgb colour = albedo * light;
        if (_daylight.Wetness > 0)
        {
            float puddle = ExactMath.Clamp01((Noise.At(place.X * 0.7f, place.Z * 0.5f) - 0.35f) * 3) * _daylight.Wetness;
            float mirror = 0.08f + (0.5f * depth / (depth + 18));
            colour = (colour * (1 - (0.4f * puddle))) + (_daylight.Mirrored * (puddle * mirror * open * 0.6f));
        }

        canvas.Set(index, _daylight.Through(colour, depth), 1 / depth, label);
    }

    private (Rgb Colour, byte Label) Far(Vec3 ray)
    {
        float heading = ray.X / ray.Z, height = ray.Y / ray.Z;
        float place = (heading * _skylineBlocks) + 50;
        int block = (int)MathF.Floor(place);
        float roof = _skylineLevel * (0.3f + Noise.Cell(block, 1, _salt));
        bool tree = Noise.Cell(block, 2, _salt) < _treeShare;
        if (tree)
        {
            roof *= 0.35f + (0.7f * Noise.Layered(place * 3, _salt & 63));
        }

        Vec3 facing = new(0, 0, -1);
        if (height < roof)
        {
            float texture = tree ? 0.6f + (0.8f * Noise.At(place * 40, height * 900)) : WindowRows(place, height);
            Rgb albedo = tree ? _leaves : _walls[(int)(Noise.Cell(block, 3, _salt) * _walls.Length)];
            return (_daylight.Through(albedo * texture * _daylight.On(facing, 0.7f), FarAway), tree ? LabelIds.Vegetation : LabelIds.Building);
        }

        if (height < _hills * (0.3f + Noise.Layered((heading * 2) + 9, 3.5f)))
        {
            return (_daylight.Through(_fields * _daylight.On(facing, 0.7f), FarAway * 1.5f), LabelIds.Terrain);
        }

        return height < 0 ? (_daylight.Through(_fields * _daylight.On(Vec3.UpAxis, 1), FarAway), LabelIds.Terrain) : (_daylight.Sky(ray), LabelIds.Sky);
    }

    private static float WindowRows(float place, float height) =>
        ExactMath.Fraction(height * 85) < 0.45f && ExactMath.Fraction(place * 6) < 0.6f ? 0.7f : 1;
}
