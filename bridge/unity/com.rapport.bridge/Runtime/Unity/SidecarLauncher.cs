using System;
using System.Collections.Generic;
using System.Text;

namespace Rapport.Unity
{
    /// <summary>Starts the sidecar for this game. It ends with the game, by its lease and by the game's process.</summary>
    internal sealed class SidecarLauncher
    {
        /// <summary>Whether a start was tried already; it is tried once.</summary>
        public bool WasTried { get; private set; }

        /// <summary>Starts it.</summary>
        /// <returns>What went wrong, in words; empty: nothing.</returns>
        public string Start(string command, IEnumerable<string> arguments)
        {
            WasTried = true;
            var all = new List<string> { "run", "--lease", "--parent-pid", OwnPid().ToString() };
            all.AddRange(arguments);
            return Run(Located(command), Joined(all));
        }

        /// <summary>Arguments as one line, quoted as the C runtime of Windows and Mono read it.</summary>
        internal static string Joined(IEnumerable<string> arguments)
        {
            var line = new StringBuilder();
            foreach (string argument in arguments)
            {
                if (line.Length > 0)
                {
                    line.Append(' ');
                }
                Quote(line, argument);
            }
            return line.ToString();
        }

        // A path with a folder in it begins at the folder of the game; a bare name is looked for by the system.
        private static string Located(string command)
        {
            bool bare = command.IndexOf('/') < 0 && command.IndexOf('\\') < 0;
            if (bare || System.IO.Path.IsPathRooted(command))
            {
                return command;
            }
            string data = UnityEngine.Application.dataPath;
            return System.IO.Path.Combine(System.IO.Path.GetDirectoryName(data) ?? data, command);
        }

        private static void Quote(StringBuilder line, string argument)
        {
            line.Append('"');
            int backslashes = 0;
            foreach (char character in argument)
            {
                if (character == '\\')
                {
                    backslashes++;
                    continue;
                }
                // Before a quotation mark each backslash counts double, and the mark needs one more.
                line.Append('\\', character == '"' ? 2 * backslashes + 1 : backslashes);
                line.Append(character);
                backslashes = 0;
            }
            line.Append('\\', 2 * backslashes);
            line.Append('"');
        }

#if UNITY_STANDALONE_WIN && ENABLE_IL2CPP && !UNITY_EDITOR
        // IL2CPP has no System.Diagnostics.Process.
        private static int OwnPid()
        {
            return WindowsProcess.OwnPid();
        }

        private static string Run(string program, string arguments)
        {
            return WindowsProcess.Run(program, arguments);
        }
#elif ENABLE_IL2CPP && !UNITY_EDITOR
        private static int OwnPid()
        {
            return 0;
        }

        private static string Run(string program, string arguments)
        {
            return "this build cannot start programs; start `rapport run --lease` beside the game";
        }
#else
        private static int OwnPid()
        {
            using (var own = System.Diagnostics.Process.GetCurrentProcess())
            {
                return own.Id;
            }
        }

        private static string Run(string program, string arguments)
        {
            try
            {
                var how = new System.Diagnostics.ProcessStartInfo(program, arguments)
                {
                    UseShellExecute = false,
                    CreateNoWindow = true,
                };
                using (System.Diagnostics.Process.Start(how))
                {
                    return "";
                }
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception || error is InvalidOperationException
                || error is System.IO.FileNotFoundException || error is NotSupportedException)
            {
                return program + ": " + error.Message;
            }
        }
#endif
    }
}
