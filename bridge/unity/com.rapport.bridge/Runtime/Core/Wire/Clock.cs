using System.Diagnostics;

namespace Rapport
{
    /// <summary>The monotonic clock of this machine, as far as the runtime gives it.</summary>
    /// <remarks>
    /// On Mono and Unity it is the one that the sidecar's `…_ns` times are on. Where it is not,
    /// differences between the two mean nothing: see "The offset of the clocks" in the protocol.
    /// </remarks>
    public static class Clock
    {
        private const long NsPerS = 1000000000;

        public static long NowNs
        {
            get
            {
                long ticks = Stopwatch.GetTimestamp(), rate = Stopwatch.Frequency;
                return (ticks / rate * NsPerS) + (ticks % rate * NsPerS / rate); // in two parts: no overflow
            }
        }

        internal static long NowMs => NowNs / 1000000;
    }
}
