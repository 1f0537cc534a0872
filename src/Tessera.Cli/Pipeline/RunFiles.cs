using Tessera.Cli.Configuration;
using Tessera.Core;

namespace Tessera.Cli.Pipeline;

/// <summary>The files of a run besides its checkpoints.</summary>
internal static class RunFiles
{
    /// <summary>The folder of the compiled model and its reports.</summary>
    public static string CompiledFolder(TesseraConfig config) => Path.Combine(config.CkptDir, "compiled");

    /// <summary>The artefact's file in a folder.</summary>
    public static string Artefact(string folder) => Path.Combine(folder, "model.tsr");

    /// <summary>All that calibration found.</summary>
    public static string CalibrationReport(TesseraConfig config) => Path.Combine(config.CkptDir, "calibration-report.json");

    /// <summary>Saves the configuration with which a stage runs.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="BadFileException">The run's folder cannot be written.</exception>
    public static string SaveConfig(TesseraConfig config, string stage)
    {
        string path = Path.Combine(config.CkptDir, $"{stage}-config.yaml");
        AtomicFile.WriteText(path, config.ResolvedYaml);
        return path;
    }
}
