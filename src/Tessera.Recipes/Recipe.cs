namespace Tessera.Recipes;

/// <summary>A kind of thing that a configuration can name: how to make it from the keys that stand beside its name.</summary>
/// <typeparam name="T">What is made.</typeparam>
/// <param name="Name">The name, HAT's where HAT has one.</param>
/// <param name="Read">Reads its keys and makes it. Wrong values are reported to the reader; what is made then is thrown away.</param>
/// <param name="Aliases">Other names that HAT's configurations use for it.</param>
public sealed record Recipe<T>(string Name, Func<IKeyReader, T> Read, params string[] Aliases);
