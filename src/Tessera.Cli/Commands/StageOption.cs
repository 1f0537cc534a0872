using System.CommandLine;

namespace Tessera.Cli.Commands;

/// <summary>The option <c>--stage</c>.</summary>
internal static class StageOption
{
    /// <summary>Creates it.</summary>
    /// <param name="description">What the stage decides in this command.</param>
    /// <param name="stages">The stages that the command knows.</param>
    /// <param name="fallback">The stage when none is given; null when it is required.</param>
    public static Option<string> Create(string description, IReadOnlyList<string> stages, string? fallback = null)
    {
        var option = new Option<string>("--stage", "-s") { Description = description, HelpName = string.Join('|', stages), Required = fallback is null };
        if (fallback is not null)
        {
            option.DefaultValueFactory = _ => fallback;
        }

        option.Validators.Add(result =>
        {
            string? value = result.Tokens.Count == 0 ? fallback : result.Tokens[0].Value;
            if (value is null || !stages.Contains(value))
            {
                result.AddError($"--stage is {value}; it must be {string.Join(", ", stages.SkipLast(1))} or {stages[^1]}.");
            }
        });
        return option;
    }
}
