namespace Tessera.Cli.Configuration;

/// <summary>Quotes what a user wrote in a message, however long it is.</summary>
internal static class Excerpt
{
    private const int MaxLength = 120;

    /// <summary>The text, or its beginning with the number of characters left out.</summary>
    public static string Of(string text) => text.Length <= MaxLength ? text : $"{text[..MaxLength]}... ({text.Length - MaxLength} more characters)";
}
