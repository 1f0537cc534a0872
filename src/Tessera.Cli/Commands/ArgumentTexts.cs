using System.CommandLine;
using System.CommandLine.Parsing;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary>What is wrong with an argument whatever it means: an empty path or number, or a character that no path can have.</summary>
internal static class ArgumentTexts
{
    /// <summary>An error of the parser in this program's words: it names .NET's types.</summary>
    public static string Explain(ParseError error) => error.SymbolResult is OptionResult { Tokens: [{ Value: var value }] } result && Expected(result.Option.ValueType) is { } expected
        ? $"{result.Option.Name} is {value}; it must be {expected}."
        : error.Message;

    /// <summary>Checks every value of the command line. An empty one is mostly a shell variable that is not set.</summary>
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

    private static string? Expected(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        Type number when number == typeof(int) => $"a whole number of at most {int.MaxValue}",
        Type number when number == typeof(ulong) => $"a whole number from 0 to {ulong.MaxValue}",
        _ => null,
    };
}
