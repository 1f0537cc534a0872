using System.Runtime.InteropServices;
using System.Text;

namespace Tessera.Data.Tests;

/// <summary>A test against the real library of LMDB 0.9 (Debian's liblmdb0); skipped where it is absent.</summary>
public sealed class RequiresLiblmdbFactAttribute : FactAttribute
{
    public RequiresLiblmdbFactAttribute() => Skip = RealLmdb.Absence;
}

/// <inheritdoc cref="RequiresLiblmdbFactAttribute"/>
public sealed class RequiresLiblmdbTheoryAttribute : TheoryAttribute
{
    public RequiresLiblmdbTheoryAttribute() => Skip = RealLmdb.Absence;
}

/// <summary>An LMDB environment of the real library.</summary>
internal sealed class RealLmdb : IDisposable
{
    public const uint NoSubdir = 0x4000, WriteMap = 0x80000;
    public const uint ReverseKey = 0x02, RepeatedKeys = 0x04, IntegerKey = 0x08;
    private const string Library = "liblmdb.so.0";
    private const uint NoSync = 0x10000, ReadOnly = 0x20000, CreateDatabase = 0x40000, Compact = 1;
    private const int NotFound = -30798, First = 0, Next = 8;
    private readonly nint _env;

    /// <summary>Opens or creates an environment of at most 1 GiB.</summary>
    public RealLmdb(string path, uint flags = 0)
    {
        Check(mdb_env_create(out _env));
        Check(mdb_env_set_mapsize(_env, 1 << 30));
        Check(mdb_env_set_maxdbs(_env, 8));
        Check(mdb_env_open(_env, path, flags | NoSync, 0b110_100_100));
    }

    /// <summary>Why tests against it are skipped; null where it is here.</summary>
    public static string? Absence { get; } = NativeLibrary.TryLoad(Library, out _) ? null : $"{Library} is not on this machine (apt-get install liblmdb0).";

    public Transaction Begin(Transaction? parent = null, bool isReadOnly = false)
    {
        Check(mdb_txn_begin(_env, parent?.Handle ?? 0, isReadOnly ? ReadOnly : 0, out nint handle));
        return new Transaction(handle);
    }

    /// <summary>Puts entries into one database in one transaction.</summary>
    public void Put(string? database, uint flags, params (string Key, string Value)[] entries)
    {
        using Transaction transaction = Begin();
        uint open = transaction.Open(database, flags);
        foreach ((string key, string value) in entries)
        {
            transaction.Put(open, Encoding.Latin1.GetBytes(key), Encoding.Latin1.GetBytes(value));
        }

        transaction.Commit();
    }

    /// <summary>Copies the environment to a folder, as mdb_copy does.</summary>
    public void CopyTo(string folder, bool compact)
    {
        Directory.CreateDirectory(folder);
        Check(mdb_env_copy2(_env, folder, compact ? Compact : 0));
    }

    /// <summary>Every entry of the main database in the library's order.</summary>
    public List<(byte[] Key, byte[] Value)> Entries()
    {
        using Transaction transaction = Begin(isReadOnly: true);
        Check(mdb_cursor_open(transaction.Handle, transaction.Open(null, 0), out nint cursor));
        var entries = new List<(byte[], byte[])>();
        Value key = default, value = default;
        int result;
        for (result = mdb_cursor_get(cursor, ref key, ref value, First); result == 0; result = mdb_cursor_get(cursor, ref key, ref value, Next))
        {
            entries.Add((key.ToArray(), value.ToArray()));
        }

        mdb_cursor_close(cursor);
        Assert.Equal(NotFound, result);
        return entries;
    }

    public void Dispose() => mdb_env_close(_env);

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"liblmdb: {Marshal.PtrToStringUTF8(mdb_strerror(result))}");
        }
    }

    [DllImport(Library)]
    private static extern int mdb_env_create(out nint env);

    [DllImport(Library)]
    private static extern int mdb_env_set_mapsize(nint env, nint size);

    [DllImport(Library)]
    private static extern int mdb_env_set_maxdbs(nint env, uint count);

    [DllImport(Library)]
    private static extern int mdb_env_open(nint env, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint flags, uint mode);

    [DllImport(Library)]
    private static extern int mdb_env_copy2(nint env, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint flags);

    [DllImport(Library)]
    private static extern void mdb_env_close(nint env);

    [DllImport(Library)]
    private static extern int mdb_txn_begin(nint env, nint parent, uint flags, out nint transaction);

    [DllImport(Library)]
    private static extern int mdb_txn_commit(nint transaction);

    [DllImport(Library)]
    private static extern void mdb_txn_abort(nint transaction);

    [DllImport(Library)]
    private static extern int mdb_dbi_open(nint transaction, [MarshalAs(UnmanagedType.LPUTF8Str)] string? name, uint flags, out uint database);

    [DllImport(Library)]
    private static extern int mdb_put(nint transaction, uint database, ref Value key, ref Value value, uint flags);

    [DllImport(Library)]
    private static extern int mdb_del(nint transaction, uint database, ref Value key, nint value);

    [DllImport(Library)]
    private static extern int mdb_cursor_open(nint transaction, uint database, out nint cursor);

    [DllImport(Library)]
    private static extern int mdb_cursor_get(nint cursor, ref Value key, ref Value value, int operation);

    [DllImport(Library)]
    private static extern void mdb_cursor_close(nint cursor);

    [DllImport(Library)]
    private static extern nint mdb_strerror(int error);

    [StructLayout(LayoutKind.Sequential)]
    private struct Value
    {
        public nint Size;
        public nint Data;

        public readonly byte[] ToArray()
        {
            var bytes = new byte[Size];
            Marshal.Copy(Data, bytes, 0, bytes.Length);
            return bytes;
        }
    }

    /// <summary>A transaction; aborted on dispose unless committed.</summary>
    internal sealed class Transaction(nint handle) : IDisposable
    {
        public nint Handle { get; private set; } = handle;

        public uint Open(string? database, uint flags)
        {
            Check(mdb_dbi_open(Handle, database, flags == 0 && database is null ? 0 : flags | CreateDatabase, out uint open));
            return open;
        }

        public void Put(uint database, byte[] key, byte[] value) => Pinned(key, value, (pinnedKey, pinnedValue) => Check(mdb_put(Handle, database, ref pinnedKey, ref pinnedValue, 0)));

        public void Delete(uint database, byte[] key) => Pinned(key, [], (pinnedKey, _) => Check(mdb_del(Handle, database, ref pinnedKey, 0)));

        public void Commit()
        {
            nint committed = Handle;
            Handle = 0;
            Check(mdb_txn_commit(committed));
        }

        public void Dispose()
        {
            if (Handle != 0)
            {
                mdb_txn_abort(Handle);
                Handle = 0;
            }
        }

        private static void Pinned(byte[] key, byte[] value, Action<Value, Value> action)
        {
            GCHandle pinnedKey = GCHandle.Alloc(key, GCHandleType.Pinned), pinnedValue = GCHandle.Alloc(value, GCHandleType.Pinned);
            try
            {
                action(new Value { Size = key.Length, Data = pinnedKey.AddrOfPinnedObject() }, new Value { Size = value.Length, Data = pinnedValue.AddrOfPinnedObject() });
            }
            finally
            {
                pinnedKey.Free();
                pinnedValue.Free();
            }
        }
    }
}
