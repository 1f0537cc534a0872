namespace Tessera.Graphs.Models;

/// <summary>An option of a model that is impossible, or contradicts another.</summary>
/// <param name="Key">The option's key, dotted where it belongs to a part: <c>neck.base_channels</c>.</param>
/// <param name="Text">What is wrong and what would be right, as the rest of a sentence that begins with the key.</param>
public sealed record OptionFault(string Key, string Text);
