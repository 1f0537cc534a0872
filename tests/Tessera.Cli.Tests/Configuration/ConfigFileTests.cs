using Tessera.Cli.Configuration;
using Tessera.Core;

namespace Tessera.Cli.Tests.Configuration;

public sealed class ConfigFileTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bases_are_merged_from_left_to_right_and_the_file_lies_on_top()
    {
        _folder.Write("bases/a.yaml", "x: {one: a, two: a, list: [1, 2, 3]}\nonly_a: a\n");
        _folder.Write("bases/b.yaml", "x: {two: b, three: b}\n");
        string file = _folder.Write("c.yaml", "base: [bases/a.yaml, bases/b.yaml]\nx: {three: c, list: [9]}\n");

        ConfigMap config = ConfigFile.Load(file, []);

        Assert.Equal("x:\n  one: a\n  two: b\n  list: [9]\n  three: c\nonly_a: a\n", ConfigYaml.Print(config));
    }

    [Fact]
    public void A_base_is_relative_to_the_file_that_names_it()
    {
        _folder.Write("deep/er/root.yaml", "x: 1\n");
        _folder.Write("deep/middle.yaml", "base: er/root.yaml\n");
        Assert.Equal("x: 1\n", ConfigYaml.Print(ConfigFile.Load(_folder.Write("top.yaml", "base: deep/middle.yaml\n"), [])));
    }

    [Fact]
    public void Another_type_replaces_the_map_below_with_all_its_keys()
    {
        _folder.Write("a.yaml", "optimizer: {type: SGD, momentum: 0.9}\n");
        string file = _folder.Write("b.yaml", "base: a.yaml\noptimizer: {type: Adam, beta: 0.5}\n");
        Assert.Equal("optimizer:\n  type: Adam\n  beta: 0.5\n", ConfigYaml.Print(ConfigFile.Load(file, [])));
    }

    [Fact]
    public void A_file_that_is_based_on_itself_is_an_error_that_shows_the_way()
    {
        _folder.Write("a.yaml", "base: b.yaml\n");
        string file = _folder.Write("b.yaml", "base: a.yaml\n");
        string message = Assert.Throws<UsageException>(() => ConfigFile.Load(file, [])).Message;
        Assert.Matches(@"a\.yaml:1: the configuration is based on itself: .*b\.yaml -> .*a\.yaml -> .*b\.yaml", message);
    }

    [Fact]
    public void The_same_base_may_be_reached_twice()
    {
        _folder.Write("root.yaml", "x: 1\n");
        _folder.Write("a.yaml", "base: root.yaml\n");
        _folder.Write("b.yaml", "base: root.yaml\ny: 2\n");
        Assert.Equal("x: 1\ny: 2\n", ConfigYaml.Print(ConfigFile.Load(_folder.Write("c.yaml", "base: [a.yaml, b.yaml]\n"), [])));
    }

    [Fact]
    public void A_base_is_read_once_however_many_files_name_it()
    {
        // Read again for each mention, this would be 2^27 files.
        for (int i = 0; i < 27; i++)
        {
            _folder.Write($"{i}.yaml", $"base: [{i + 1}.yaml, {i + 1}.yaml]\nx{i}: {i}\n");
        }

        _folder.Write("27.yaml", "x: 1\n");
        Assert.Equal(28, ConfigFile.Load(Path.Combine(_folder.Root, "0.yaml"), []).Entries.Length);
    }

    [Fact]
    public void The_number_of_bases_is_bounded()
    {
        _folder.Write("b.yaml", "x: 1\n");
        string file = _folder.Write("c.yaml", $"base: [{string.Join(", ", Enumerable.Repeat("b.yaml", 65))}]\n");
        Assert.Matches(@"c\.yaml:1: this is base file number 65; a configuration has at most 64 in all", Assert.Throws<UsageException>(() => ConfigFile.Load(file, [])).Message);
    }

    [Theory]
    [InlineData("sub", "it is a folder; name the YAML file in it.")]
    [InlineData("empty.yaml", "it is empty, or a device or a named pipe")]
    [InlineData("large.yaml", "it is larger than 1048576 bytes")]
    [InlineData("x.py", "is a Python file. `tessera config import ")]
    public void What_is_no_configuration_file_is_refused_as_file_and_as_base(string name, string expected)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Root, "sub"));
        _folder.Write("empty.yaml", "");
        _folder.Write("large.yaml", "x: " + new string('1', 1 << 20));
        Assert.Contains(expected, Assert.Throws<UsageException>(() => ConfigFile.Load(Path.Combine(_folder.Root, name), [])).Message);
        string file = _folder.Write("c.yaml", $"x: 1\nbase: {name}\n");
        string message = Assert.Throws<UsageException>(() => ConfigFile.Load(file, [])).Message;
        Assert.Matches(@"c\.yaml:2: ", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void A_device_is_refused_before_it_is_read()
    {
        if (!File.Exists("/dev/zero"))
        {
            return; // no Unix
        }

        Assert.Contains("a device or a named pipe", Assert.Throws<UsageException>(() => ConfigFile.Load("/dev/zero", [])).Message);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_their_line()
    {
        string file = Path.Combine(_folder.Root, "c.yaml");
        File.WriteAllBytes(file, [.. "x: 1\ny: "u8, 0xFF, 0xFE, (byte)'\n']);
        Assert.Matches(@"c\.yaml:2: the file is not UTF-8 text", Assert.Throws<UsageException>(() => ConfigFile.Load(file, [])).Message);
        File.WriteAllBytes(file, [.. "x: 1\ny: 2\0\n"u8]);
        Assert.Matches(@"c\.yaml:2: the character U\+0000 stands there", Assert.Throws<UsageException>(() => ConfigFile.Load(file, [])).Message);
    }

    [Fact]
    public void A_byte_order_mark_tells_the_encoding()
    {
        string file = Path.Combine(_folder.Root, "c.yaml");
        foreach (System.Text.Encoding encoding in new[] { new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true), System.Text.Encoding.Unicode, System.Text.Encoding.BigEndianUnicode })
        {
            File.WriteAllText(file, "x: é\n", encoding);
            Assert.Equal("é", ((ConfigScalar)ConfigFile.Load(file, [])["x"]!).Text);
        }
    }

    [Theory]
    [InlineData("base: missing.yaml\n", @"c\.yaml:1: cannot read the configuration .*missing\.yaml: there is no such file\.")]
    [InlineData("x: 1\ny: [1,\n", @"c\.yaml:\d: this is not valid YAML")]
    [InlineData("x: 1\nx: 2\n", @"c\.yaml:\d: this is not valid YAML: .*x")]
    [InlineData("- 1\n", @"c\.yaml: a configuration is a map of keys")]
    [InlineData("x: 1\n---\ny: 2\n", @"c\.yaml:2: a second YAML document")]
    [InlineData("base: [a.yaml, {b: c}]\n", @"c\.yaml:1: base must be a file name or a list of file names")]
    [InlineData("base:\n", @"c\.yaml:1: base must be a file name or a list of file names")]
    [InlineData("base: {a: b}\n", @"c\.yaml:1: base must be a file name or a list of file names")]
    public void A_wrong_file_gives_one_message_with_its_line(string text, string expected)
    {
        string file = _folder.Write("c.yaml", text);
        Assert.Matches(expected, Assert.Throws<UsageException>(() => ConfigFile.Load(file, [])).Message);
    }

    [Theory]
    [InlineData("a.b=2", "a:\n  b: 2\n  c: [1, 2]\n")]
    [InlineData("a.c.1=9", "a:\n  b: 1\n  c: [1, 9]\n")]
    [InlineData("a.c=[7]", "a:\n  b: 1\n  c: [7]\n")]
    [InlineData("a={d: 4}", "a:\n  b: 1\n  c: [1, 2]\n  d: 4\n")]
    [InlineData("x.y.z=text", "a:\n  b: 1\n  c: [1, 2]\nx:\n  y:\n    z: text\n")]
    public void An_override_replaces_or_adds_one_value(string text, string expected)
    {
        string file = _folder.Write("c.yaml", "a: {b: 1, c: [1, 2]}\n");
        Assert.Equal(expected, ConfigYaml.Print(ConfigFile.Load(file, [text])));
    }

    [Theory]
    [InlineData("a.b", "expected key=value")]
    [InlineData("=3", "expected key=value")]
    [InlineData("a..b=3", "expected key=value")]
    [InlineData("a.c.2=3", "2 does not select an item of a list of 2; use 0 to 1")]
    [InlineData("a.d.0=3", "0 does not select an item of a list of 0; set the whole list")]
    [InlineData("a=&x [*x]", "--set a=&x [*x]: *x stands inside of &x")]
    [InlineData("a=[1", "--set a=[1: this is not valid YAML")]
    public void A_wrong_override_is_an_error_that_repeats_it(string text, string expected)
    {
        string file = _folder.Write("c.yaml", "a: {b: 1, c: [1, 2], d: []}\n");
        Assert.Contains(expected, Assert.Throws<UsageException>(() => ConfigFile.Load(file, [text])).Message);
    }

    [Fact]
    public void A_bomb_on_the_command_line_gives_a_short_message()
    {
        string file = _folder.Write("c.yaml", "a: 1\n");
        foreach (string bomb in new[] { "x=" + new string('[', 100_000), string.Join('.', Enumerable.Repeat("a", 50_000)) + "=1", "x: [" })
        {
            Assert.InRange(Assert.Throws<UsageException>(() => ConfigFile.Load(file, [bomb])).Message.Length, 10, 400);
        }
    }
}
