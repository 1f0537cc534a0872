using Tessera.Cli.Configuration;
using Tessera.Cli.HatConfigs;
using Tessera.Core;

namespace Tessera.Cli.Tests.HatConfigs;

/// <summary>The part of Python that configurations are written in: read, never executed.</summary>
public sealed class PythonFileTests
{
    [Theory]
    [InlineData("x = 1 + 2 * 3 ** 2 - -4", "23")]
    [InlineData("x = 7 // 2, 7 % 3, -7 // 2, 2 ** -1", "[3, 1, -4, 0.5]")]
    [InlineData("x = (1e-3, 0x10, 1_000, .5)", "[0.001, 16, 1000, 0.5]")]
    [InlineData("x = (4)", "4")]
    [InlineData("x = (4,)", "[4]")]
    [InlineData("x = []", "[]")]
    [InlineData("a = b = 3\nx = a + b", "6")]
    [InlineData("a, b = 1, 2\nx = [b, a]", "[2, 1]")]
    [InlineData("x: int = 3", "3")]
    [InlineData("x = 1\nx += 2", "3")]
    [InlineData("x = 'a' \"b\" '''c'''", "abc")]
    [InlineData("x = r'a\\nb'", "a\\nb")]
    [InlineData("n = 'u'\nx = f'{n}-{1}'", "")] // an expression in an f-string is not computed
    [InlineData("n = 'u'\nx = f'{n}_2'", "u_2")]
    [InlineData("x = '{}/{}.py'.format('a', 2)", "a/2.py")]
    [InlineData("x = '{:d}'.format(2)", "")]
    [InlineData("x = dict(a=1, **dict(b=2))", "{a: 1, b: 2}")]
    [InlineData("x = {'b': 1, 4: 2}", "{4: 2, b: 1}")]
    [InlineData("import numpy as np\nx = tuple(1 / np.array((4, 8)))", "[0.25, 0.125]")]
    [InlineData("import numpy as np\nx = list(np.array([1, 2]) * np.array([3, 4]) + 1)", "[4, 9]")]
    [InlineData("s = (3, 64, 128)\nx = s[1:]", "[64, 128]")]
    [InlineData("s = (3, 64, 128)\nx = s[-1], s[:1]", "[128, [3]]")]
    [InlineData("x = {'a': {'b': 5}}['a']['b']", "5")]
    [InlineData("d = dict(a=1)\nd['b'] = 2\nd.update(c=3)\nx = d", "{a: 1, b: 2, c: 3}")]
    [InlineData("d = dict(a=1)\ne = d\ne['a'] = 2\nx = d", "{a: 2}")]
    [InlineData("d = dict(a=[1])\ne = d['a']\ne.append(2)\ne.extend([3])\nx = d", "{a: [1, 2, 3]}")]
    [InlineData("import copy\nd = dict(a=[1])\ne = copy.deepcopy(d)\ne['a'].append(2)\nx = d", "{a: [1]}")]
    [InlineData("x = 1 if 'a' in ['a'] and not False else 2", "1")]
    [InlineData("x = 5 == 5.0", "true")]
    [InlineData("x = 1 < 2, 2 <= 2, 3 > 4, 4 >= 5", "[true, true, false, false]")]
    [InlineData("x = '5' == 5", "false")]
    [InlineData("x = None", "null")]
    [InlineData("x = torch.optim.SGD", "SGD")]
    [InlineData("import os\nx = os.path.join('a/', 'b', 'c')", "a/b/c")]
    [InlineData("import os\nx = os.environ.get('STAGE', 'float')", "float")]
    [InlineData("x = [\n  1, # one\n  2,\n]", "[1, 2]")]
    [InlineData("x = 1 + \\\n  2", "3")]
    [InlineData("s = 'qat'\nif s == 'float':\n    x = 1\nelif s == 'qat':\n    x = 2\nelse:\n    x = 3", "2")]
    [InlineData("x = 1\nif x > 2:\n    x = 5\nelse:\n    if x == 1:\n        x = 7\n    else:\n        x = 8\n", "7")]
    [InlineData("x = 1\nif x == 1: x = 4\nelse: x = 5", "4")]
    [InlineData("def f(a):\n    x = 9\n\n    return a\n\nx = 1", "1")]
    [InlineData("x = 1\nx[0:1] = 3", "1", false)]
    [InlineData("x = max(range(3)) + len('ab' 'c', ) if False else sum([1, 2])", "3")]
    [InlineData("x = 'a%sb' % 3", "a3b")]
    public void Values_are_Pythons(string text, string expected, bool isWhole = true)
    {
        if (isWhole)
        {
            Assert.Equal(expected, Value(text));
        }
        else
        {
            Assert.Throws<UsageException>(() => Value(text));
        }
    }

    [Theory]
    [InlineData("x = open('/etc/passwd').read()")]
    [InlineData("x = [i for i in range(3)]")]
    [InlineData("x = dict((k, 1) for k in 'ab')")]
    [InlineData("x = lambda a: a + 1")]
    [InlineData("x = __import__('os').system('id')")]
    [InlineData("if flag:\n    x = 1\nelse:\n    x = 2")]
    [InlineData("x = os.environ['HOME']")]
    public void What_is_not_computed_is_left_out_and_named(string text)
    {
        var faults = new PythonFaults("c.py");
        PythonValue value = PythonFile.Read(text, faults)["x"];
        Assert.IsType<PythonUnknown>(value);
        Assert.Null(new HatValues("c.py", faults).Node(value, "x"));
        Assert.Contains("x is left out: ", faults.Remarks[^1]);
    }

    [Theory]
    [InlineData("x = (1,\n  2", "c.py:1:5: the ( is never closed.")]
    [InlineData("x = 1)", "c.py:1:6: the ) closes nothing that is open.")]
    [InlineData("a = 1\nx = 'abc", "c.py:2:5: the text that begins with ' is never closed.")]
    [InlineData("x = 1 2", "c.py:1:7: 2 stands where the statement should end.")]
    [InlineData("x = ", "c.py:1:5: the line ends where a value is expected.")]
    [InlineData("x = if", "c.py:1:5: if stands where a value is expected.")]
    [InlineData("x = 1 / 0", "c.py:1:7: this divides by zero.")]
    [InlineData("x = [1][3]", "there is no item 3; there are 1.")]
    [InlineData("x = dict(a=1)['b']", "the dict has no key b; it has a.")]
    [InlineData("x = $", "c.py:1:5: the character $ has no place in Python here.")]
    [InlineData("x = 0b12", "0b12 is no number that is understood.")]
    [InlineData("x = [1] * 100000000", "more than 1000000 values")]
    [InlineData("x = list(range(1000000000))", "more than 1000000 values")]
    public void What_is_no_Python_is_named_with_line_and_column(string text, string expected) => Assert.Contains(expected, Assert.Throws<UsageException>(() => Value(text)).Message);

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        foreach (string deep in new[] { new string('(', 5000) + new string(')', 5000), new string('-', 100_000) + "1", string.Concat(Enumerable.Repeat("not ", 50_000)) + "1", string.Concat(Enumerable.Repeat("1 ** ", 50_000)) + "1", string.Concat(Enumerable.Repeat("1 if 1 else ", 20_000)) + "1" })
        {
            Assert.Contains("more than 64", Assert.Throws<UsageException>(() => Value($"x = {deep}")).Message);
        }

        string doubling = "x = 'aaaaaaaaaa'\n" + string.Concat(Enumerable.Repeat("x = x + x\n", 60)), lists = "x = [1]\n" + string.Concat(Enumerable.Repeat("x = [x, x]\n", 60)), cycle = "x = {}\nx['a'] = x";
        Assert.Contains("more than 1000000", Assert.Throws<UsageException>(() => Value(doubling)).Message);
        Assert.Contains("no configuration has", Assert.Throws<UsageException>(() => Value(lists)).Message);
        Assert.Contains("no configuration has", Assert.Throws<UsageException>(() => Value(cycle)).Message);
        Assert.Contains("more than", Assert.Throws<UsageException>(() => Value(cycle + "\nimport copy\ny = copy.deepcopy(x)")).Message);
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_and_nothing_else()
    {
        string whole = HatTutorial.Python(1024, 2048) + "\n" + HatTutorial.OtherStages;
        string[] pieces = ["(", ")", "[", "]", "{", "}", "'", "\"", "\"\"\"", "\\", "\n", "#", ",", "=", "**", "*", ":", " if ", " for ", "lambda", "1e999", "-1", ".", "np.array(", "][", "0x", "f'{"];
        var random = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            string text = whole;
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(text.Length), cut = random.Next(Math.Min(40, text.Length - at));
                text = string.Concat(text.AsSpan(0, at), pieces[random.Next(pieces.Length)], text.AsSpan(at + cut));
            }

            var faults = new PythonFaults("c.py");
            try
            {
                foreach ((string name, PythonValue value) in PythonFile.Read(text, faults))
                {
                    _ = new HatValues("c.py", faults).Node(value, name);
                }
            }
            catch (UsageException fault)
            {
                Assert.StartsWith("c.py:", fault.Message);
            }
        }
    }

    private static string Value(string text)
    {
        var faults = new PythonFaults("c.py");
        return new HatValues("c.py", faults).Node(PythonFile.Read(text, faults)["x"], "x") is { } node ? PlainValue.Of(node) : "";
    }
}
