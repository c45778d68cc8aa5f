using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace Rapport
{
    /// <summary>What only Linux tells: whose a file is, and whether a process still runs.</summary>
    /// <remarks>Elsewhere, and where it cannot be asked, the answer is the one that does no harm: maybe.</remarks>
    internal static class Linux
    {
        /// <summary>Unit of the times in /proc: 100 to a second on every architecture that games run on.</summary>
        private const double TicksPerS = 100;

        /// <summary>Two start times of one process differ by less: clock ticks.</summary>
        private const double SameStartS = 1;

        private const int StatxUid = 0x8, StatxBytes = 256, UidAt = 20; // linux/stat.h
        private const int CurrentDirectory = -100;

        // As arrays: the splitting by one character is newer than some runtimes.
        private static readonly char[] Line = { '\n' }, Tab = { '\t' }, Space = { ' ' };

        private static readonly bool Here = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);

        /// <summary>The number of this user; empty if it cannot be asked.</summary>
        public static string UserId()
        {
            foreach (string line in ReadProc("self/status").Split(Line))
            {
                if (line.StartsWith("Uid:", StringComparison.Ordinal))
                {
                    return line.Split(Tab)[1];
                }
            }
            return "";
        }

        /// <summary>False: the file is another user's.</summary>
        public static bool MayBeOwn(string path)
        {
            string own = UserId();
            if (own.Length == 0)
            {
                return true;
            }
            try
            {
                var answer = new byte[StatxBytes];
                bool told = Statx(CurrentDirectory, path, 0, StatxUid, answer) == 0;
                uint owner = BitConverter.ToUInt32(answer, UidAt);
                return !told || owner.ToString(CultureInfo.InvariantCulture) == own;
            }
            catch (Exception error) when (error is DllNotFoundException || error is EntryPointNotFoundException)
            {
                return true; // a system library older than 2018, or another one
            }
        }

        /// <summary>False: the process is gone, or that number is another process by now.</summary>
        /// <param name="pid">Its number.</param>
        /// <param name="startedS">When it began, in seconds since the system's start.</param>
        public static bool MayRun(long pid, double startedS)
        {
            if (!Here || ReadProc("self/stat").Length == 0)
            {
                return true;
            }
            string stat = ReadProc(pid.ToString(CultureInfo.InvariantCulture) + "/stat");
            // The name before it, in brackets, may hold anything; then come the state and, as the
            // 22nd field of all, the start (proc(5)).
            string[] fields = stat.Substring(stat.LastIndexOf(')') + 1).Trim().Split(Space);
            const int state = 0, start = 22 - 3;
            return fields.Length > start && fields[state] != "Z"
                && double.TryParse(fields[start], NumberStyles.None, CultureInfo.InvariantCulture, out double ticks)
                && Math.Abs((ticks / TicksPerS) - startedS) < SameStartS;
        }

        private static string ReadProc(string name)
        {
            try
            {
                return Here ? File.ReadAllText("/proc/" + name) : "";
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return "";
            }
        }

        [DllImport("libc.so.6", EntryPoint = "statx")]
        private static extern int Statx(int directory, string path, int flags, uint mask, byte[] answer);
    }
}
