using System.CommandLine;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary>The option <c>--input-shape</c>.</summary>
internal static class InputShapeOption
{
    /// <summary>Creates it.</summary>
    /// <param name="verb">What is done for the shape, as a command.</param>
    public static Option<string?> Create(string verb) => new("--input-shape")
    {
        Description = $"{verb} for another input; default: the configuration's input_size, batch 1",
        HelpName = "N,C,H,W",
    };

    /// <summary>The shape that it states; null when it is not given.</summary>
    /// <exception cref="UsageException">It is not four sizes.</exception>
    public static TensorShape? Read(string? text) => text is null ? null
        : TensorShape.TryParse(text.Replace(" ", "", StringComparison.Ordinal).Replace(',', 'x'), out TensorShape shape) ? shape
        : throw new UsageException($"--input-shape is {text}; expected four sizes N,C,H,W such as 1,3,1024,2048.");
}
