using System.Collections.Immutable;

namespace Tessera.Programs;

/// <summary>What a file held.</summary>
/// <param name="Compiled">The program with its memory plan, verified.</param>
/// <param name="ChecksumMatches">False when the content was changed after the artefact was written.</param>
/// <param name="Layout">How the file is divided.</param>
public sealed record Artefact(CompiledProgram Compiled, bool ChecksumMatches, ArtefactLayout Layout);

/// <summary>How an artefact's file is divided.</summary>
/// <param name="Version">The format's version.</param>
/// <param name="FileBytes">Size of the file.</param>
/// <param name="HeaderBytes">Size of its header.</param>
/// <param name="StatedChecksum">The SHA-256 that the header states, 64 hexadecimal digits.</param>
/// <param name="Sections">The sections in their order.</param>
public sealed record ArtefactLayout(uint Version, long FileBytes, int HeaderBytes, string StatedChecksum, ImmutableArray<ArtefactSection> Sections);

/// <summary>One section of an artefact.</summary>
/// <param name="Tag">Its four letters.</param>
/// <param name="At">Where its elements begin in the file.</param>
/// <param name="Bytes">How many bytes they take, without the section's own tag and length.</param>
public sealed record ArtefactSection(string Tag, long At, long Bytes);
