namespace Tessera.Programs;

/// <summary>What to do with an artefact whose content does not have the checksum that its header states.</summary>
public enum ChecksumPolicy
{
    /// <summary>Refuse it; the default.</summary>
    Require,

    /// <summary>
    /// Load it when its structure is valid, and say so in <see cref="Artefact.ChecksumMatches"/>: for comparing a changed artefact with the model it was made from.
    /// </summary>
    Report,
}
