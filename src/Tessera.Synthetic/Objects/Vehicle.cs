namespace Tessera.Synthetic;

/// <summary>Something that takes part in traffic: drawn once, then placed.</summary>
internal abstract class Vehicle
{
    /// <summary>Metres from rear to front.</summary>
    public abstract float Length { get; }

    /// <summary>Adds it to a scene; the stance is its middle.</summary>
    public abstract void AddTo(Scene scene, Stance stance);
}
