using System.CommandLine;
using System.Globalization;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Data;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera data check</c>: what is wrong with a data set, in which file, and what mends it.</summary>
internal static class DataCheckCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new Option<string?>("--config", "-c") { Description = "Check the packs of a configuration", HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "Change a key of the configuration", HelpName = "KEY=VALUE", DefaultValueFactory = _ => [] };
        var source = new Option<string?>("--src-data-dir") { Description = "Check a data set on disk", HelpName = "DIR" };
        var packs = new Option<string[]>("--pack") { Description = "Check a pack; give every split of one data set", HelpName = "DIR", DefaultValueFactory = _ => [] };
        var json = new Option<string?>("--json") { Description = "Also write the report as JSON", HelpName = "FILE" };
        var workers = new Option<int>("--num-workers") { Description = "Threads that decode", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount };
        var samples = new Option<int?>("--num-samples") { Description = "Check only the first N samples of each split", HelpName = "N" };
        var near = new Option<bool>("--near-duplicates") { Description = "Also look for nearly equal images across splits" };
        Option<int> megapixels = MegapixelOption.Create();
        var layout = new LayoutSelection();
        return new ExplainedCommand("check", "Find what is wrong with a data set before training on it.", [config, set, source, packs, json, workers, samples, near, megapixels, .. layout.All])
        {
            Examples =
            [
                "tessera data check --src-data-dir data/cityscapes",
                "tessera data check -c configs/segmentation/unet_mobilenetv1_cityscapes.yaml --json report.json",
                "tessera data check --pack data/camvid/train_lmdb --pack data/camvid/val_lmdb",
            ],
            Notes = """
                Looks at pairs, sizes, EXIF orientation, bit depth, the encoding that the labels really have, labels that teach nothing or were interpolated, ignored pixels,
                class counts, classes never seen, equal images and common cities across splits. Exit status 0: no error (there may be warnings); 4: at least one error.
                """,
            Run = parsed =>
            {
                var options = new DatasetCheckOptions
                {
                    NumWorkers = parsed.GetValue(workers), NumSamples = parsed.GetValue(samples), NearDuplicates = parsed.GetValue(near), MaxMegapixels = parsed.GetValue(megapixels),
                };
                string[] given = parsed.GetRequiredValue(packs);
                string? folder = parsed.GetValue(source), file = parsed.GetValue(config);
                if (new[] { folder is not null, file is not null, given.Length > 0 }.Count(isGiven => isGiven) != 1)
                {
                    throw new UsageException("Give one of -c, --src-data-dir and --pack: what is to be checked.");
                }

                if (folder is null)
                {
                    layout.RequireNone(parsed, source.Name);
                }

                if (file is null)
                {
                    UnusedOption.Refuse(parsed, $"is used with {config.Name} only", set);
                }

                if (options.NumSamples < 1)
                {
                    throw new UsageException($"--num-samples is {options.NumSamples}; it must be at least 1.");
                }

                if (file is not null)
                {
                    TesseraConfig loaded = TesseraConfig.Load(file, parsed.GetRequiredValue(set));
                    options = options with { Classes = loaded.ClassNames };
                    given = [loaded.DataLoader.Dataset.DataPath, loaded.ValDataLoader.Dataset.DataPath];
                }

                var bar = new ProgressBar(context.Console, "checking", "samples");
                CheckReport report;
                try
                {
                    var relay = new BarProgress<CheckProgress>(bar, report => (report.Done, report.Total));
                    report = folder is null
                        ? DatasetCheck.Packs([.. given.Distinct()], options, relay, context.Cancellation)
                        : DatasetCheck.Layout(layout.Of(parsed, folder), options, relay, context.Cancellation);
                }
                finally
                {
                    bar.Clear();
                }

                Write(context.Console, report, parsed.GetValue(json));
            },
        };
    }

    private static void Write(CommandConsole console, CheckReport report, string? json)
    {
        foreach (CheckTable content in report.ToTables())
        {
            TextTable table = console.NewTable();
            table.AddColumns([.. content.Columns]);
            foreach (IReadOnlyList<string> row in content.Rows)
            {
                table.AddRow(row);
            }

            console.WriteTable(content.Title, table);
        }

        if (json is not null)
        {
            AtomicFile.WriteText(json, report.ToJson());
            console.Out.WriteLine($"report: {json}");
        }

        string count = string.Create(CultureInfo.InvariantCulture, $"{report.Errors} errors, {report.Warnings} warnings");
        if (report.Errors > 0)
        {
            Finding first = report.Findings[0];
            throw new DifferenceException($"{report.Subject}: {count}. The first error: {(first.File.Length > 0 ? first.File + ": " : "")}{first.Message} {first.Remedy}".TrimEnd());
        }

        console.Out.WriteLine($"{report.Subject}: {count}.");
    }
}
