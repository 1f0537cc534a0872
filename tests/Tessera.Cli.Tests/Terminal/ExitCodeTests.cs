using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Cli.Tests.Terminal;

public sealed class ExitCodeTests
{
    [Fact]
    public void Every_fault_for_users_has_its_exit_code() => Assert.Equal(
        [ExitCode.Failed, ExitCode.Usage, ExitCode.BadFile, ExitCode.Difference, ExitCode.Failed],
        ((TesseraException[])[new WorkException("w"), new UsageException("u"), new BadFileException("b"), new DifferenceException("d"), new GraphException("g")]).Select(ExitCodes.Of));

    [Fact]
    public void Exit_codes_are_those_of_the_documentation() => Assert.Equal([0, 1, 2, 3, 4], Enum.GetValues<ExitCode>().Select(code => (int)code));
}
