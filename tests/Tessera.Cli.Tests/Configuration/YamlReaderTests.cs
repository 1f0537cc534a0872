using System.Text;
using Tessera.Cli.Configuration;
using Tessera.Core;

namespace Tessera.Cli.Tests.Configuration;

/// <summary>Broken and hostile YAML: one message with file and line, whatever the parser does.</summary>
public sealed class YamlReaderTests
{
    // What mutations put in: all that means something to YAML, and some that means nothing anywhere.
    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ":", ": ", ",", "\"", "'", "#", "&a ", "*a", "!", "!!int ", "|", ">", "- ", "? ", "---\n", "...\n", "%YAML 1.1\n", "@", "`", "\t", "\n", "\r", "<<: ", "\\", "\0", "\u0085", "\u2028", "\uFEFF", "\uD800", "é", "  ",
    ];

    [Theory]
    [InlineData("a: 1\nb: {c: [1, 2}\nd: 1\n", 2, "} stands where the [ of line 2 is still open.")]
    [InlineData("a: {b: 1\nc: {d: 2}\n", 1, "the { of this line is never closed")]
    [InlineData("a: 1\nb: [1, 2\nc: 3\n", 2, "the [ of this line is never closed")]
    [InlineData("a: 1\nb: \"text\nc: 3\n", 2, "the quote \" that begins in this line is never closed.")]
    [InlineData("a: 1\nb:\n  c:\n\td: 19\n", 4, "the line is indented with a tab. Use spaces.")]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, "the key a stands here twice, first in line 1. Remove one of them.")]
    [InlineData("a: 1\nb: *none\n", 2, "*none names no anchor: no &none stands before it.")]
    [InlineData("x: &a [*a]\n", 1, "*a stands inside of &a, which would then have no end.")]
    [InlineData("x: &a {y: {z: *a}}\n", 1, "*a stands inside of &a")]
    [InlineData("a: 1\nb: !!python/object x\n", 2, "the tag tag:yaml.org,2002:python/object is not understood.")]
    [InlineData("a: 1\n---\nb: 2\n", 2, "a second YAML document begins here")]
    [InlineData("a: 1\n[b, c]: 2\n", 2, "a key must be a plain word")]
    [InlineData("a: 1\nb: x\0y\nc: 1\n", 2, "the character U+0000 stands there")]
    [InlineData("a: 1\nb: x\u001by\n", 2, "the character U+001B stands there")]
    public void A_mistake_is_named_with_its_line(string text, int line, string expected)
    {
        string message = Refusal(text);
        Assert.StartsWith($"f.yaml:{line}: ", message);
        Assert.Contains(expected, message);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a: ", "}")]
    [InlineData("? ", "")]
    [InlineData("- ", "")]
    public void Depth_is_bounded_before_anything_recurses(string open, string close)
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat(open, depth)) + "x" + string.Concat(Enumerable.Repeat(close, depth));
        Assert.Contains($"more than {YamlReader.MaxDepth} maps and lists lie in one another here", Refusal(Nested(50_000)));
        Assert.Contains("lie in one another", Refusal(Nested(YamlReader.MaxDepth + 1)));
        if (close.Length > 0)
        {
            Parse(Nested(YamlReader.MaxDepth));
        }
    }

    [Fact]
    public void Aliases_count_as_what_they_stand_for()
    {
        string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 8).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Matches(@"^f\.yaml:4: the file has more than 10000 keys and values", Refusal(bomb));
        Assert.Contains("more than 10000", Refusal("x: [" + string.Join(",", Enumerable.Repeat("1", 10_001)) + "]"));
        Assert.Equal("x: [1, 2]\ny: [1, 2]\n", ConfigYaml.Print((ConfigMap)Parse("x: &a [1, 2]\ny: *a\n")));
    }

    [Fact]
    public void Mutants_of_the_shipped_configurations_are_read_or_refused_with_file_and_line()
    {
        var random = new Random(17);
        int read = 0, refused = 0;
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(Cli.Config("x"))!, "*.yaml"))
        {
            string text = File.ReadAllText(file);
            string flow = text + "\nflow: {a: [1, 2, {b: \"c\", d: 'e'}], f: &x 3, g: *x, h: |\n  i\n }\n";
            for (int i = 0; i < 3000; i++)
            {
                string mutant = Mutate(i % 2 == 0 ? text : flow, random);
                try
                {
                    Parse(mutant);
                    read++;
                }
                catch (UsageException fault)
                {
                    Assert.Matches(@"^f\.yaml:[1-9]\d*: .*[a-z]", fault.Message);
                    refused++;
                }
            }
        }

        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Mutants_on_the_command_line_are_read_or_refused_by_their_option()
    {
        var random = new Random(18);
        var below = (ConfigMap)Parse("a: {b: 1, c: [1, 2]}\n");
        for (int i = 0; i < 3000; i++)
        {
            string option = Mutate("a.c.1={x: [1, {y: \"z\"}], w: &v 'u', t: *v}", random);
            try
            {
                ConfigOverride.Apply(below, option);
            }
            catch (UsageException fault)
            {
                Assert.StartsWith("--set ", fault.Message);
            }
        }
    }

    private static string Mutate(string text, Random random)
    {
        var mutant = new StringBuilder(text);
        for (int change = random.Next(1, 5); change > 0 && mutant.Length > 0; change--)
        {
            int at = random.Next(mutant.Length), length = Math.Min(random.Next(1, random.Next(2, 40)), mutant.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    mutant.Remove(at, length);
                    break;
                case 1:
                    mutant.Insert(at, Fragments[random.Next(Fragments.Length)]);
                    break;
                case 2:
                    mutant[at] = Fragments[random.Next(Fragments.Length)][0];
                    break;
                case 3:
                    mutant.Insert(random.Next(mutant.Length), mutant.ToString(at, length));
                    break;
                default:
                    mutant.Length = random.Next(8) == 0 ? at : mutant.Length;
                    mutant.Replace(new string(mutant.Length == 0 ? ' ' : mutant[Math.Min(at, mutant.Length - 1)], 1), "", 0, Math.Min(at, mutant.Length));
                    break;
            }
        }

        return mutant.ToString();
    }

    private static string Refusal(string text) => Assert.Throws<UsageException>(() => Parse(text)).Message;

    private static ConfigNode Parse(string text) => ConfigYaml.Parse(text, line => new ConfigSource("f.yaml", line));
}
