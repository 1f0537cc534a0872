namespace Tessera.Cli.Demo;

/// <summary>What the demonstration is to do.</summary>
/// <param name="Folder">Gets everything: streets, packs, the run and the pictures.</param>
/// <param name="Seed">Decides the streets, the initial weights and the order of the images.</param>
/// <param name="Config">The configuration file.</param>
/// <param name="Set">Changed keys of it.</param>
/// <param name="NumTrain">Training images to draw.</param>
/// <param name="NumVal">Validation images to draw.</param>
internal sealed record DemoOptions(string Folder, ulong Seed, string Config, IReadOnlyList<string> Set, int NumTrain, int NumVal);
