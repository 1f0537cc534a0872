namespace Tessera.Synthetic;

/// <summary>What a piece of ground is.</summary>
internal enum GroundKind
{
    Road,
    Parking,
    Sidewalk,
    Terrain,
    Track,
    Plaza,
}

/// <summary>A strip of ground along one side of the street.</summary>
/// <param name="End">Its outer border, metres from the street's axis.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct Band(float End, GroundKind Kind);

/// <summary>A lane of the street.</summary>
/// <param name="T">Its centre, metres to the right of the street's axis.</param>
/// <param name="Direction">1 with the camera's car, -1 against it.</param>
/// <param name="Rails">Whether trams use it.</param>
internal readonly record struct Lane(float T, int Direction, bool Rails);

/// <summary>A street that crosses.</summary>
/// <param name="Near">Where its road begins, metres along this street.</param>
/// <param name="Far">Where its road ends.</param>
/// <param name="Zebra">Whether zebra crossings lead over this street beside it.</param>
internal readonly record struct Crossing(float Near, float Far, bool Zebra);

/// <summary>A painted line along the street.</summary>
/// <param name="T">Its centre, metres to the right of the axis.</param>
/// <param name="Width">Metres.</param>
/// <param name="Painted">Painted metres of each period.</param>
/// <param name="Period">Metres from dash to dash.</param>
/// <param name="Yellow">Whether it is yellow instead of white.</param>
internal readonly record struct RoadLine(float T, float Width, float Painted, float Period, bool Yellow);
