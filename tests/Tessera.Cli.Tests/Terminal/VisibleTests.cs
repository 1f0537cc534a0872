using Tessera.Cli.Terminal;

namespace Tessera.Cli.Tests.Terminal;

/// <summary>Texts from outside on their way to the console.</summary>
public sealed class VisibleTests
{
    [Theory]
    [InlineData("plain é 漢 🚗\n\tnext", "plain é 漢 🚗\n\tnext")]
    [InlineData("\u001b[31mred\u001b[0m", "\\u001b[31mred\\u001b[0m")]
    [InlineData("a\rb\bc\u0007\0", "a\\u000db\\u0008c\\u0007\\u0000")]
    [InlineData("line\r\nnext", "line\r\nnext")]
    [InlineData("\u007f\u009b31m", "\\u007f\\u009b31m")]
    [InlineData("abc\u202Egnp.exe\u2066x\u2069", "abc\\u202egnp.exe\\u2066x\\u2069")]
    public void What_steers_a_terminal_is_shown(string text, string expected) => Assert.Equal(expected, Visible.Of(text));

    [Fact]
    public void Every_way_to_write_goes_through_it()
    {
        const string Evil = "\u001b]0;x\u0007";
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var console = new CommandConsole(output, error, isTerminal: false, errorIsTerminal: true) { Columns = () => 80 };
        console.Out.Write(Evil);
        console.Out.Write('\u001b');
        console.Out.Write(Evil.AsSpan());
        console.Out.Write(Evil.ToCharArray());
        console.Out.WriteLine($"{Evil}");
        console.Out.WriteLine("{0}", Evil);
        console.Error.WriteLine(Evil);
        console.WriteFault(Evil);
        TextTable table = console.NewTable();
        table.AddColumn($"[red]{Evil}");
        table.AddRow($"[bold]{Evil}[/");
        console.WriteTable(Evil, table);
        Assert.DoesNotContain('\u001b', output.ToString());
        Assert.DoesNotContain('\u0007', output.ToString());
        Assert.Contains("[red]\\u001b]0;x\\u0007", output.ToString());
        Assert.Contains("[bold]\\u001b]0;x\\u0007[/", output.ToString());
        Assert.Equal("\\u001b]0;x\\u0007\n\u001b[1;31merror:\u001b[0m \\u001b]0;x\\u0007\n", error.ToString());
    }

    [Fact]
    public void A_message_about_a_hostile_name_shows_it()
    {
        Cli run = Cli.Run("config", "-c", "\u001b[2Jx.yaml");
        Assert.Equal("error: cannot read the configuration \\u001b[2Jx.yaml: there is no such file.\n", run.Error);
    }

    [Fact]
    public void A_printed_configuration_reads_back_the_same()
    {
        using var folder = new ConfigFolder();
        Cli first = Cli.Run("config", "-c", Cli.Config("unet_mobilenetv1_kitti.yaml"), "--set", "task_name=\"a\u202Eb\"");
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("task_name: \"a\\u202eb\"\n", first.Output);
        Cli again = Cli.Run("config", "-c", folder.Write("again.yaml", first.Output));
        Assert.Equal(first.Output, again.Output);
    }
}
