namespace Tessera.Core.Tests.Files;

/// <summary>A disk whose n-th call fails, from 0: making a file, each write, fsync, rename, the folder's fsync, close.</summary>
internal sealed class FaultyDisk(int failing, bool canExchange) : DiskCalls
{
    private const int DiskFull = 28;
    private int _calls;

    /// <summary>The call that failed; null where there were fewer calls.</summary>
    public string? Failed { get; private set; }

    public override FileStream Create(string path, bool isPrivate)
    {
        Call(nameof(Create));
        return new FaultyFile(path, this);
    }

    public override void Flush(FileStream file)
    {
        Call(nameof(Flush));
        base.Flush(file);
    }

    public override void Close(FileStream file)
    {
        Call(nameof(Close));
        base.Close(file);
    }

    public override void FlushFolder(string path)
    {
        Call(nameof(FlushFolder));
        base.FlushFolder(path);
    }

    public override void CreateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Call(nameof(CreateFolder));
            base.CreateFolder(path);
        }
    }

    public override void Rename(string from, string to)
    {
        Call(nameof(Rename));
        base.Rename(from, to);
    }

    public override bool TryExchange(string first, string second)
    {
        if (!canExchange)
        {
            return false;
        }

        Call(nameof(TryExchange));
        return base.TryExchange(first, second);
    }

    private void Call(string name)
    {
        if (_calls++ == failing)
        {
            Failed = name;
            throw new IOException("No space left on device", DiskFull);
        }
    }

    private sealed class FaultyFile(string path, FaultyDisk disk) : FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0)
    {
        // A derived FileStream comes here from its other forms of Write.
        public override void Write(byte[] buffer, int offset, int count)
        {
            disk.Call(nameof(Write));
            base.Write(buffer, offset, count);
        }
    }
}
