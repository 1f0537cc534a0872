using System.Diagnostics;
using Tessera.Core;

namespace Tessera.Training.Tests.Checkpoints;

public sealed class RunLockTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tessera-lock-").FullName;

    private string Folder => Path.Combine(_root, "run");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_at_once()
    {
        string file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");
        foreach (string folder in (string[])[Path.Combine(file, "run"), Path.Combine(file, "below", "run")])
        {
            Assert.Contains($"The run's folder {folder} cannot be used", Assert.Throws<BadFileException>(() => RunLock.Acquire(folder)).Message);
        }
    }

    [Fact]
    public void A_second_run_is_refused_and_the_holder_named()
    {
        using RunLock held = RunLock.Acquire(Folder);
        string message = Assert.Throws<BadFileException>(() => RunLock.Acquire(Folder)).Message;
        Assert.Contains(Folder, message);
        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", message);
        Assert.Contains("--set ckpt_dir=DIR", message);
    }

    [Fact]
    public void Nothing_is_left_behind_and_the_next_run_may_begin()
    {
        Directory.CreateDirectory(Folder);
        RunLock.Acquire(Folder).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
        RunLock.Acquire(Folder).Dispose();
    }

    [Fact]
    public void A_folder_that_was_made_for_the_lock_goes_with_it_unless_it_was_filled()
    {
        RunLock.Acquire(Folder).Dispose();
        Assert.False(Directory.Exists(Folder));
        using (RunLock.Acquire(Folder))
        {
            File.WriteAllText(Path.Combine(Folder, "history.jsonl"), "");
        }

        Assert.Equal(["history.jsonl"], Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_process_that_is_killed_gives_the_lock_back()
    {
        Directory.CreateDirectory(Folder);
        using Process? other = Holder(Path.Combine(Folder, ".lock"));
        if (other is null)
        {
            return; // the tool `flock`, which stands for another process, is not there
        }

        Assert.Throws<BadFileException>(() => RunLock.Acquire(Folder));
        other.Kill();
        other.WaitForExit();
        RunLock.Acquire(Folder).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void What_a_killed_run_left_is_no_obstacle()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, ".lock"), "");
        File.WriteAllText(Path.Combine(Folder, ".lock-holder"), "process 1 on elsewhere");
        RunLock.Acquire(Folder).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void However_many_ask_at_once_one_has_it()
    {
        int holders = 0, taken = 0;
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            try
            {
                using RunLock held = RunLock.Acquire(Folder);
                Assert.Equal(1, Interlocked.Increment(ref holders));
                Interlocked.Increment(ref taken);
                Interlocked.Decrement(ref holders);
            }
            catch (BadFileException fault)
            {
                Assert.Contains("Another run works in the folder", fault.Message);
            }
        });
        Assert.InRange(taken, 1, 400);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_of_the_user()
    {
        File.WriteAllText(Folder, "");
        Assert.Contains(Folder, Assert.Throws<BadFileException>(() => RunLock.Acquire(Folder)).Message);
    }

    /// <summary>Another process that holds the lock until it is killed.</summary>
    private static Process? Holder(string path)
    {
        try
        {
            var start = new ProcessStartInfo("flock", ["--no-fork", "--exclusive", path, "sh", "-c", "echo held; exec cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
            Process process = Process.Start(start)!;
            Assert.Equal("held", process.StandardOutput.ReadLine());
            return process;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
