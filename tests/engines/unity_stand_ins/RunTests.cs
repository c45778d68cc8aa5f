// Runs what Unity's Test Runner would: the tests of the package's Unity layer and editor.
internal static class RunTests
{
    private static int Main()
    {
        return NUnit.Framework.Runner.Run(typeof(RunTests).Assembly);
    }
}
