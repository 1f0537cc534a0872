using System.CommandLine;
using System.CommandLine.Parsing;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary>What is wrong with an argument whatever it means: an empty path or number, or a character that no path can have.</summary>
internal static class ArgumentTexts
{
    /// <summary>Checks every value of the command line.</summary>
    /// <exception cref="UsageException">A value is empty or holds a NUL character.</exception>
    public static void Require(ParseResult parsed)
    {
        foreach (SymbolResult result in parsed.CommandResult.Children)
        {
            string name = result is OptionResult option ? option.Option.Name : ((ArgumentResult)result).Argument.Name;
            foreach (Token token in result.Tokens)
            {
                if (string.IsNullOrWhiteSpace(token.Value))
                {
                    throw new UsageException($"{name} is empty; give it a value, or leave it out.");
                }

                if (token.Value.Contains('\0', StringComparison.Ordinal))
                {
                    throw new UsageException($"{name} holds a NUL character, which no path and no value can have.");
                }
            }
        }
    }
}
