using Tessera.Core;

namespace Tessera.Cli.Configuration;

/// <summary>The <c>compile_cfg</c> section.</summary>
/// <param name="March">What the model is compiled for.</param>
/// <param name="Opt">How much the scheduler may change, 0 to 2.</param>
public sealed record CompileConfig(string March, int Opt)
{
    /// <summary>Reads the section.</summary>
    internal static CompileConfig Read(ConfigSection section)
    {
        int problems = section.ProblemCount;
        string march = section.Text("march", "cpu");
        if (section.ProblemCount == problems)
        {
            try
            {
                _ = MarchName.Find(march);
            }
            catch (UsageException fault)
            {
                section.Report("march", $"is {march}. {fault.Message}");
            }
        }

        return new CompileConfig(march, section.Int("opt", 2, 0, 2));
    }
}
