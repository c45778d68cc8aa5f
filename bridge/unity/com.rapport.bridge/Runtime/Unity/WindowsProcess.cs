#if UNITY_STANDALONE_WIN && ENABLE_IL2CPP && !UNITY_EDITOR
using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Rapport.Unity
{
    /// <summary>Starts a program on Windows where .NET's own way is missing (IL2CPP).</summary>
    /// <remarks>
    /// The program is put into a job object that ends it with this process, so that a game that
    /// crashes leaves no sidecar behind. Never tried on a real Windows build.
    /// </remarks>
    internal static class WindowsProcess
    {
        private const uint NoWindow = 0x08000000;
        private const int ExtendedLimits = 9;
        private const uint KillOnClose = 0x2000;

        // Kept open until this process ends; then Windows closes it, and the job with it.
        private static IntPtr _job;

        public static int OwnPid()
        {
            return (int)GetCurrentProcessId();
        }

        /// <returns>What went wrong, in words; empty: nothing.</returns>
        public static string Run(string program, string arguments)
        {
            var line = new StringBuilder("\"" + program + "\" " + arguments);
            var startup = new StartupInfo { Size = Marshal.SizeOf(typeof(StartupInfo)) };
            if (!CreateProcessW(null, line, IntPtr.Zero, IntPtr.Zero, false, NoWindow, IntPtr.Zero, null, ref startup, out ProcessInformation made))
            {
                return program + ": Windows error " + Marshal.GetLastWin32Error();
            }
            Tie(made.Process);
            CloseHandle(made.Thread);
            CloseHandle(made.Process);
            return "";
        }

        private static void Tie(IntPtr process)
        {
            if (_job == IntPtr.Zero)
            {
                _job = CreateJobObjectW(IntPtr.Zero, null);
                var limits = new ExtendedLimitInformation { LimitFlags = KillOnClose };
                SetInformationJobObject(_job, ExtendedLimits, ref limits, (uint)Marshal.SizeOf(typeof(ExtendedLimitInformation)));
            }
            AssignProcessToJobObject(_job, process);
        }

        [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
        private struct StartupInfo
        {
            public int Size;
            public string Reserved, Desktop, Title;
            public int X, Y, XSize, YSize, XCountChars, YCountChars, FillAttribute, Flags;
            public short ShowWindow, Reserved2;
            public IntPtr Reserved3, StdInput, StdOutput, StdError;
        }

        [StructLayout(LayoutKind.Sequential)]
        private struct ProcessInformation
        {
            public IntPtr Process, Thread;
            public uint ProcessId, ThreadId;
        }

        [StructLayout(LayoutKind.Sequential)]
        private struct ExtendedLimitInformation
        {
            public long PerProcessUserTimeLimit, PerJobUserTimeLimit;
            public uint LimitFlags;
            public UIntPtr MinimumWorkingSetSize, MaximumWorkingSetSize;
            public uint ActiveProcessLimit;
            public UIntPtr Affinity;
            public uint PriorityClass, SchedulingClass;
            public ulong ReadOperations, WriteOperations, OtherOperations, ReadBytes, WriteBytes, OtherBytes;
            public UIntPtr ProcessMemoryLimit, JobMemoryLimit, PeakProcessMemory, PeakJobMemory;
        }

        [DllImport("kernel32.dll")]
        private static extern uint GetCurrentProcessId();

        [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern bool CreateProcessW(string program, StringBuilder line, IntPtr processAttributes, IntPtr threadAttributes,
            bool inheritHandles, uint flags, IntPtr environment, string directory, ref StartupInfo startup, out ProcessInformation made);

        [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr CreateJobObjectW(IntPtr attributes, string name);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool SetInformationJobObject(IntPtr job, int kind, ref ExtendedLimitInformation information, uint length);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool CloseHandle(IntPtr handle);
    }
}
#endif
