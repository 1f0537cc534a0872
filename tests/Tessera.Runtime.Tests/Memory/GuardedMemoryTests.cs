using System.Globalization;

namespace Tessera.Runtime.Tests.Memory;

public unsafe class GuardedMemoryTests
{
    public static TheoryData<int> Lengths => [0, 1, 15, Environment.SystemPageSize - 1, Environment.SystemPageSize, Environment.SystemPageSize + 1, 100_000];

    [GuardPagesTheory]
    [MemberData(nameof(Lengths))]
    public void The_byte_behind_the_last_one_is_inaccessible(int length)
    {
        using GuardedMemory memory = GuardedMemory.EndingAtGuard(length);
        Assert.Equal("---", Access(memory.Pointer + length));
        Assert.All(memory.Span.ToArray(), value => Assert.Equal(0, value));
        if (length > 0)
        {
            Assert.Equal("rw-", Access(memory.Pointer + length - 1));
            Assert.Equal("rw-", Access(memory.Pointer));
        }
    }

    [GuardPagesTheory]
    [MemberData(nameof(Lengths))]
    public void The_byte_before_the_first_one_is_inaccessible(int length)
    {
        using GuardedMemory memory = GuardedMemory.BeginningAtGuard(length);
        Assert.Equal("---", Access(memory.Pointer - 1));
        Assert.All(memory.Span.ToArray(), value => Assert.Equal(0, value));
        if (length > 0)
        {
            Assert.Equal("rw-", Access(memory.Pointer));
            Assert.Equal("rw-", Access(memory.Pointer + length - 1));
        }
    }

    [GuardPagesFact]
    public void Content_is_copied()
    {
        byte[] content = [1, 2, 3, 250, 5, 6, 7, 8];
        using GuardedMemory end = GuardedMemory.EndingAtGuard(content), start = GuardedMemory.BeginningAtGuard(content);
        Assert.Equal(content, end.Span.ToArray());
        Assert.Equal(content, start.Span.ToArray());
        Assert.Equal([-100466175, 134678021], end.As<int>().ToArray());
    }

    [GuardPagesFact]
    public void A_write_to_the_room_on_the_accessible_side_is_found()
    {
        using GuardedMemory end = GuardedMemory.EndingAtGuard(10), start = GuardedMemory.BeginningAtGuard(10);
        end.Span.Fill(1);
        start.Span.Fill(1);
        end.AssertNothingElseWritten();
        start.AssertNothingElseWritten();
        end.Pointer[-1]++;
        start.Pointer[10]++;
        Assert.Contains("1 bytes before the start", Assert.ThrowsAny<Exception>(end.AssertNothingElseWritten).Message, StringComparison.Ordinal);
        Assert.Contains("1 bytes behind the end", Assert.ThrowsAny<Exception>(start.AssertNothingElseWritten).Message, StringComparison.Ordinal);
    }

    // The access column of the line of /proc/self/maps that holds the address: reading the page itself would end the process.
    private static string Access(byte* address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] parts = line.Split(' ', 3), range = parts[0].Split('-');
            if (ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= (ulong)address
                && (ulong)address < ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            {
                return parts[1][..3];
            }
        }

        return "not mapped";
    }
}
