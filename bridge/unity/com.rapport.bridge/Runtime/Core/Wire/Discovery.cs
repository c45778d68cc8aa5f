using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Rapport
{
    /// <summary>Finds running sidecars of this user by the files that they leave; see SPEC.md.</summary>
    internal static class Discovery
    {
        public const string DirectoryVariable = "RAPPORT_WIRE__RUNTIME_DIRECTORY";

        private const int FileBytesMax = 16 * 1024;

        /// <summary>What decides where sidecars leave their files; tests give their own.</summary>
        public struct Place
        {
            public OSPlatform Platform;
            public Func<string, string> Variable;
            public Func<string, bool> IsDirectory;
            public string Home;
            public string LocalApplicationData;
            public string UserId;
        }

        public static Place ThisMachine => new Place
        {
            Platform = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? OSPlatform.Windows
                : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? OSPlatform.OSX : OSPlatform.Linux,
            Variable = Environment.GetEnvironmentVariable,
            IsDirectory = System.IO.Directory.Exists,
            Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            LocalApplicationData = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData),
            UserId = Linux.UserId(),
        };

        /// <summary>The runtime directory: the one named, else the environment's, else the user's own.</summary>
        public static string Directory(string named, Place place)
        {
            named = string.IsNullOrEmpty(named) ? place.Variable(DirectoryVariable) : named;
            if (!string.IsNullOrEmpty(named))
            {
                bool fromHome = named == "~" || named.StartsWith("~/", StringComparison.Ordinal);
                return fromHome ? place.Home + named.Substring(1) : named;
            }
            if (place.Platform == OSPlatform.Windows)
            {
                return place.LocalApplicationData + @"\rapport\Cache\run";
            }
            if (place.Platform == OSPlatform.OSX)
            {
                return place.Home + "/Library/Caches/rapport/run";
            }
            foreach (string candidate in new[] { place.Variable("XDG_RUNTIME_DIR"), "/run/user/" + place.UserId })
            {
                if (!string.IsNullOrEmpty(candidate) && place.IsDirectory(candidate))
                {
                    return candidate + "/rapport";
                }
            }
            string cache = place.Variable("XDG_CACHE_HOME");
            return (string.IsNullOrEmpty(cache) ? place.Home + "/.cache" : cache) + "/rapport/run";
        }

        /// <summary>The sidecars that run, the newest first. What cannot be read is passed over.</summary>
        public static List<SidecarFile> FindAll(string directory)
        {
            var found = new List<SidecarFile>();
            foreach (string path in Files(directory))
            {
                SidecarFile file = Read(path);
                if (file != null && Linux.MayRun(file.Pid, file.ProcessStarted))
                {
                    found.Add(file);
                }
            }
            found.Sort((one, other) => other.StartedWall.CompareTo(one.StartedWall));
            return found;
        }

        private static string[] Files(string directory)
        {
            try
            {
                return System.IO.Directory.GetFiles(directory, "sidecar-*.json");
            }
            catch (Exception error) when (IsOfFiles(error))
            {
                return new string[0]; // no sidecar has ever run
            }
        }

        private static SidecarFile Read(string path)
        {
            try
            {
                if (!Linux.MayBeOwn(path))
                {
                    return null;
                }
                using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
                {
                    var bytes = new byte[FileBytesMax + 1];
                    int count = 0;
                    for (int read = 1; read > 0 && count < bytes.Length; count += read)
                    {
                        read = stream.Read(bytes, count, bytes.Length - count);
                    }
                    return count > FileBytesMax ? null : SidecarFile.Read(Words.Utf8.GetString(bytes, 0, count));
                }
            }
            catch (Exception error) when (IsOfFiles(error) || error is DecoderFallbackException)
            {
                return null;
            }
        }

        private static bool IsOfFiles(Exception error)
        {
            return error is IOException || error is UnauthorizedAccessException || error is ArgumentException
                || error is NotSupportedException;
        }
    }
}
