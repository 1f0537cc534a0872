using System.Collections.Immutable;

namespace Tessera.Core;

/// <summary>One class that a network predicts.</summary>
/// <param name="Name">The class name as its data set writes it.</param>
/// <param name="Red">Palette colour, 0..255.</param>
/// <param name="Green">Palette colour, 0..255.</param>
/// <param name="Blue">Palette colour, 0..255.</param>
public readonly record struct ClassEntry(string Name, byte Red, byte Green, byte Blue);

/// <summary>The classes of a network in the order of their train ids; 255 stands for ignored pixels.</summary>
public sealed class ClassTable
{
    /// <summary>The label value of a pixel that is neither trained nor scored.</summary>
    public const byte Ignore = 255;

    /// <summary>Creates a table; the list is copied. Every name of a class, from whatever file it comes, passes here.</summary>
    /// <exception cref="ArgumentException">
    /// The table is empty or has more than 255 classes, or a name is empty, occurs twice, has more than 1024 bytes, or holds control characters.
    /// </exception>
    public ClassTable(IReadOnlyList<ClassEntry> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count is 0 or > 255)
        {
            throw new ArgumentException($"A class table has 1 to 255 classes; this one has {classes.Count}.");
        }

        var names = new HashSet<string>();
        ImmutableArray<ClassEntry> entries = [.. classes];
        for (int id = 0; id < entries.Length; id++)
        {
            if (PrintableText.Problem(entries[id].Name) is { } problem)
            {
                throw new ArgumentException($"The name of class {id}, '{PrintableText.Escape(entries[id].Name)}', {problem}. Give it another name.");
            }

            if (!names.Add(entries[id].Name))
            {
                throw new ArgumentException($"The name of class {id}, '{entries[id].Name}', stands there twice. Give every class a name of its own.");
            }
        }

        Classes = entries;
    }

    /// <summary>The classes; the index is the train id.</summary>
    public IReadOnlyList<ClassEntry> Classes { get; }

    /// <summary>Number of classes.</summary>
    public int Count => Classes.Count;

    /// <summary>The 19 evaluation classes of Cityscapes with the standard palette (Cordts et al., CVPR 2016).</summary>
    public static ClassTable Cityscapes { get; } = new(
    [
        new("road", 128, 64, 128),
        new("sidewalk", 244, 35, 232),
        new("building", 70, 70, 70),
        new("wall", 102, 102, 156),
        new("fence", 190, 153, 153),
        new("pole", 153, 153, 153),
        new("traffic light", 250, 170, 30),
        new("traffic sign", 220, 220, 0),
        new("vegetation", 107, 142, 35),
        new("terrain", 152, 251, 152),
        new("sky", 70, 130, 180),
        new("person", 220, 20, 60),
        new("rider", 255, 0, 0),
        new("car", 0, 0, 142),
        new("truck", 0, 0, 70),
        new("bus", 0, 60, 100),
        new("train", 0, 80, 100),
        new("motorcycle", 0, 0, 230),
        new("bicycle", 119, 11, 32),
    ]);
}
