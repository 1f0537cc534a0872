using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>
/// Draws street scenes as seen from a car, with pixel-true labels of all 19 classes of Cityscapes: for tests, demonstrations and first
/// experiments without a download.
/// </summary>
/// <remarks>
/// A scene is a pure function of its options. Only integer operations and IEEE 754's exactly rounded ones (+, -, *, /, square root,
/// comparison, rounding) reach the pixels, and .NET neither reorders nor fuses them, so every machine draws the same bytes.
/// A scene's content does not depend on the size; the size decides how finely it is seen.
/// </remarks>
public static class SyntheticStreets
{
    /// <summary>Draws one scene.</summary>
    /// <param name="options">Which scene, and how large.</param>
    /// <returns>The picture, and Height·Width label ids of Cityscapes (0..33) in the same order.</returns>
    /// <exception cref="Tessera.Core.UsageException">An option is out of its range.</exception>
    public static (RgbImage Image, byte[] LabelIds) Draw(SceneOptions options)
    {
        options.Validate();
        long split = SyntheticCities.Code(options.Split);
        int city = options.Index % SyntheticCities.Of(options.Split).Count;
        var style = new CityStyle(SplittableRandom.For(options.Seed, split, city));

        // Each part has a stream of its own: a change in one leaves the others as they are.
        SplittableRandom Stream(Part part) => SplittableRandom.For(options.Seed, split, city, options.Index, (long)part);

        var camera = new Camera(options.Height, options.Width, Stream(Part.Camera));
        var plan = new StreetPlan(style, Stream(Part.Plan));
        var scene = new Scene(camera, style, plan, new Daylight(Stream(Part.Daylight)));
        Frontages.Place(scene, Stream(Part.Frontages));
        Furniture.Place(scene, Stream(Part.Furniture));
        Traffic.Place(scene, Stream(Part.Traffic));
        Crowd.Place(scene, Stream(Part.Crowd));

        var canvas = new Canvas(options.Height, options.Width);
        LensFrame.Draw(canvas, scene, Stream(Part.LensFrame));
        new Rasterizer(canvas, camera, scene.Daylight, scene.Shadows).Draw(scene.Faces);
        new Backdrop(scene, new Ground(plan, style, Stream(Part.Ground)), Stream(Part.Backdrop)).Paint(canvas);
        byte[] pixels = new Sensor(scene.Daylight.Brightness, Stream(Part.Sensor)).Develop(canvas);
        return (new RgbImage(pixels, options.Height, options.Width), canvas.Labels);
    }

    private enum Part
    {
        Camera = 1,
        Plan,
        Daylight,
        Frontages,
        Furniture,
        Traffic,
        Crowd,
        LensFrame,
        Ground,
        Backdrop,
        Sensor,
    }
}
