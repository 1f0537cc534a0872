namespace Tessera.Synthetic;

/// <summary>The label ids of Cityscapes that the streets use (cityscapesScripts, labels.py).</summary>
internal static class LabelIds
{
    public const byte EgoVehicle = 1;
    public const byte OutOfRoi = 3;
    public const byte Static = 4;
    public const byte Dynamic = 5;
    public const byte Ground = 6;
    public const byte Road = 7;
    public const byte Sidewalk = 8;
    public const byte Parking = 9;
    public const byte RailTrack = 10;
    public const byte Building = 11;
    public const byte Wall = 12;
    public const byte Fence = 13;
    public const byte GuardRail = 14;
    public const byte Bridge = 15;
    public const byte Pole = 17;
    public const byte TrafficLight = 19;
    public const byte TrafficSign = 20;
    public const byte Vegetation = 21;
    public const byte Terrain = 22;
    public const byte Sky = 23;
    public const byte Person = 24;
    public const byte Rider = 25;
    public const byte Car = 26;
    public const byte Truck = 27;
    public const byte Bus = 28;
    public const byte Train = 31;
    public const byte Motorcycle = 32;
    public const byte Bicycle = 33;
}
