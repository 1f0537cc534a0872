namespace Tessera.Synthetic.Tests;

public sealed class ShadowMapTests
{
    private static readonly (float X, float Z)[] Square = [(-1, 10), (1, 10), (1, 12), (-1, 12)];

    [Fact]
    public void A_shadow_reaches_away_from_the_sun_as_far_as_the_object_is_high()
    {
        // The sun at 45 degrees on the left.
        var map = new ShadowMap(new Vec3(-0.70710677f, 0.70710677f, 0));
        map.Add(Square, 0, 5);
        Assert.Equal(1, map.Sun(0, 11));
        Assert.Equal(1, map.Sun(5, 11));
        Assert.Equal(0, map.Sun(6.5f, 11));
        Assert.Equal(0, map.Sun(-1.5f, 11));
        Assert.Equal(0, map.Sun(3, 13));
        Assert.Equal((1f, 0f), (map.Sky(0, 11), map.Sky(5, 11)));
    }

    [Fact]
    public void What_hovers_leaves_the_sky_below_it_open()
    {
        var map = new ShadowMap(new Vec3(0, 1, 0));
        map.AddRound(0, 20, 2, 3, 6);
        Assert.Equal((1f, 0f), (map.Sun(0, 20), map.Sky(0, 20)));
        Assert.Equal(0, map.Sun(2.5f, 20));
    }

    [Fact]
    public void Outside_the_grid_there_is_no_shadow()
    {
        var map = new ShadowMap(new Vec3(0, 1, 0));
        map.Add([(-500, -500), (500, -500), (500, 500), (-500, 500)], 0, 3);
        Assert.Equal((1f, 0f, 0f), (map.Sun(0, 50), map.Sun(0, 300), map.Sun(-60, 50)));
    }
}
