using System.CommandLine;
using Tessera.Data;

namespace Tessera.Cli.Commands;

/// <summary>The <c>--max-megapixels</c> option of the commands that read image files: how large an image may claim to be.</summary>
internal static class MegapixelOption
{
    /// <summary>Creates the option.</summary>
    public static Option<int> Create() => new("--max-megapixels")
    {
        Description = $"Refuse images of more megapixels, before memory is taken for them; at most {ImageLimit.LargestMegapixels}", HelpName = "N", DefaultValueFactory = _ => ImageLimit.DefaultMegapixels,
    };
}
