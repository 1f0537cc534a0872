using System.CommandLine;
using System.Globalization;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Data;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera data download</c>: packages of Cityscapes with the user's own account.</summary>
internal static class DataDownloadCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var packages = new Option<string[]>("--package") { Description = "A package to download, as --list names it; may be given several times", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var list = new Option<bool>("--list") { Description = "List the packages that the account may download" };
        var folder = new Option<string>("--out") { Description = "The folder for the packages", HelpName = "DIR", DefaultValueFactory = _ => "." };
        var unpack = new Option<bool>("--unpack") { Description = "Unpack each package into --out when its MD5 sum is right; every file's CRC-32 is checked" };
        var user = new Option<string?>("--user") { Description = "The account's user name; asked for where it is not given", HelpName = "NAME" };
        var server = new Option<string>("--server") { Description = "The server; http only on this machine itself", HelpName = "URL", DefaultValueFactory = _ => new DownloadOptions().Server.ToString() };
        return new ExplainedCommand("download", "Download packages of Cityscapes with your own account; an interrupted download goes on where it stopped.", packages, list, folder, unpack, user, server)
        {
            Examples =
            [
                "tessera data download --list --user me@example.org",
                "tessera data download --package gtFine_trainvaltest.zip --package leftImg8bit_trainvaltest.zip --out data/cityscapes --unpack",
            ],
            Notes = """
                The password is asked for and not shown; where no person types, it is the first line of standard input. It is no option, because other users of a machine
                can read the arguments of its programs. Nothing about the account is stored. Register at https://www.cityscapes-dataset.com/register/.
                """,
            Run = parsed =>
            {
                string[] names = parsed.GetRequiredValue(packages);
                if (names.Length == 0 && !parsed.GetValue(list))
                {
                    throw new UsageException("Give --list, or the packages to download with --package.");
                }

                if (names.Length == 0)
                {
                    UnusedOption.Refuse(parsed, $"is used with {packages.Name} only", folder, unpack);
                }

                if (parsed.GetValue(unpack) && names.FirstOrDefault(name => !name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)) is { } other)
                {
                    throw new UsageException($"--unpack unpacks ZIP archives, and {other} is none by its name. Give its whole name, or download it without --unpack.");
                }

                if (!Uri.TryCreate(parsed.GetValue(server), UriKind.Absolute, out Uri? address))
                {
                    throw new UsageException("--server is not an address; expected one like https://www.cityscapes-dataset.com/.");
                }

                using var download = new CityscapesDownload(new DownloadOptions { Server = address });
                string name = parsed.GetValue(user) ?? AskUser(context.Console);
                var account = new CityscapesAccount(name, context.Console.ReadSecret("password (not shown): "));
                RunAsync(context, download, account, parsed.GetValue(list), names, parsed.GetRequiredValue(folder), parsed.GetValue(unpack)).GetAwaiter().GetResult();
            },
        };
    }

    private static string AskUser(CommandConsole console)
    {
        if (!console.InputIsTerminal)
        {
            throw new UsageException("Give the account's user name with --user; standard input holds the password.");
        }

        console.Error.Write("user name: ");
        return console.In.ReadLine() ?? "";
    }

    private static async Task RunAsync(CommandContext context, CityscapesDownload download, CityscapesAccount account, bool list, string[] names, string folder, bool unpack)
    {
        await download.LogInAsync(account, context.Cancellation);
        if (list)
        {
            TextTable table = context.Console.NewTable();
            table.AddColumns("package", "size", "from");
            foreach (CityscapesPackage package in await download.ListAsync(context.Cancellation))
            {
                table.AddRow(package.Name, package.Size, package.ThirdParty ? "third party, own terms" : "Cityscapes");
            }

            context.Console.WriteTable("packages of this account", table);
        }

        foreach (string name in names)
        {
            using var bar = new ProgressBar(context.Console, name, "MB");
            DownloadedPackage package = await download.DownloadAsync(name, folder, new Relay(bar), context.Cancellation);
            bar.Clear();
            context.Console.Out.WriteLine($"{package.Path}: MD5 {package.Md5} as the server states{(package.AlreadyThere ? "; it was there already" : "")}");
            if (unpack)
            {
                Unpack(context, package.Path, folder);
            }
        }
    }

    private static void Unpack(CommandContext context, string archive, string folder)
    {
        using var bar = new ProgressBar(context.Console, $"unpacking {Path.GetFileName(archive)}", "files");
        int files = CityscapesArchive.Unpack(archive, folder, new BarProgress<UnpackProgress>(bar, report => (report.Done, report.Total)), context.Cancellation);
        bar.Clear();
        context.Console.Out.WriteLine($"{archive}: {files} files unpacked into {folder}, each with its CRC-32; the archive is not needed any more");
    }

    private sealed class Relay(ProgressBar bar) : IProgress<DownloadProgress>
    {
        private const long Megabyte = 1_000_000;

        public void Report(DownloadProgress value) => bar.Report(
            value.Bytes / Megabyte,
            (value.TotalBytes ?? value.Bytes) / Megabyte,
            value.Note ?? string.Create(CultureInfo.InvariantCulture, $"{value.Phase.ToString().ToLowerInvariant()}  {value.BytesPerSecond / Megabyte:0.0} MB/s  {(value.TimeLeft is { } left ? Duration.Text(left) + " left" : "")}"));
    }
}
