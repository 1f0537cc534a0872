using System.Diagnostics;
using Tessera.TestKit;

namespace Tessera.Training.Tests.Engine;

/// <summary>A theory that runs the PyTorch reference; skipped where PyTorch is absent.</summary>
public sealed class RequiresPythonReferenceTheoryAttribute : TheoryAttribute
{
    public const string Python = "/usr/bin/python3";

    /// <summary>The folder of the reference network and of the script that runs it on Tessera's tensors.</summary>
    public static readonly string Folder = Path.Combine(SampleData.RepositoryRoot, "tests", "Tessera.Training.Tests", "Reference");

    private static readonly Lazy<bool> HasPyTorch = new(() => File.Exists(Python) && Run("-c", "import torch, numpy").ExitCode == 0);

    public RequiresPythonReferenceTheoryAttribute()
    {
        if (!HasPyTorch.Value)
        {
            Skip = $"{Python} cannot import torch and numpy (Debian: python3-torch).";
        }
    }

    /// <summary>Runs Python and returns what it wrote to both streams.</summary>
    public static (int ExitCode, string Output) Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
