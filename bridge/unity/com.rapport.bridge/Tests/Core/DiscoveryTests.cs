using System.Collections.Generic;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Rapport.Tests
{
    public sealed class DiscoveryTests
    {
        private const string Typical = "{\"pid\": 4711, \"process_started\": 12.5, \"started_wall\": 1767225600.25,"
            + " \"version\": \"0.1.0\", \"state\": \"tcp://127.0.0.1:1001\", \"events\": \"tcp://[::1]:1002\","
            + " \"control\": \"tcp://127.0.0.1:1003\", \"read_token\": \"secret\", \"control_token\": \"secret2\","
            + " \"server_key\": \"\", \"schema\": 2, \"newer\": [1, {}]}";

        [Test]
        public void TheRuntimeDirectoryIsTheFirstThatApplies()
        {
            Assert.AreEqual("/named", On(OSPlatform.Linux, "/named", "RAPPORT_WIRE__RUNTIME_DIRECTORY", "/variable"));
            Assert.AreEqual("/variable", On(OSPlatform.OSX, null, "RAPPORT_WIRE__RUNTIME_DIRECTORY", "/variable"));
            Assert.AreEqual("/home/ada/run", On(OSPlatform.Linux, "", "RAPPORT_WIRE__RUNTIME_DIRECTORY", "~/run"));
            Assert.AreEqual("/there/rapport", On(OSPlatform.Linux, null, "XDG_RUNTIME_DIR", "/there"));
            Assert.AreEqual("/home/ada/.cache/rapport/run", On(OSPlatform.Linux, null, "XDG_RUNTIME_DIR", "/not there"));
            Assert.AreEqual("/cache/rapport/run", On(OSPlatform.Linux, null, "XDG_CACHE_HOME", "/cache"));
            Assert.AreEqual("/run/user/1000/rapport", On(OSPlatform.Linux, null, "", "", "/run/user/1000"));
            Assert.AreEqual("/home/ada/Library/Caches/rapport/run", On(OSPlatform.OSX, null, "XDG_RUNTIME_DIR", "/there"));
            Assert.AreEqual(@"C:\Local\rapport\Cache\run", On(OSPlatform.Windows, null, "XDG_RUNTIME_DIR", "/there"));
        }

        [Test]
        public void AFileIsReadAndTellsNoToken()
        {
            SidecarFile file = SidecarFile.Read(Typical);
            Assert.AreEqual(4711, file.Pid);
            Assert.AreEqual("tcp://[::1]:1002", file.Events);
            Assert.AreEqual("secret", file.ReadToken);
            Assert.IsFalse(file.ToString().Contains("secret"));
            Assert.IsFalse(file.Encrypted);
        }

        [Test]
        public void AFileThatIsNoneIsPassedOver()
        {
            foreach (string text in new[]
            {
                "", "[]", "{}", Typical.Substring(5), Typical.Replace("4711", "0"), Typical.Replace("4711", "\"x\""),
                Typical.Replace("started_wall", "other"), Typical.Replace("127.0.0.1:1001", "192.0.2.1:1001"),
                Typical.Replace("127.0.0.1:1001", "example.org:1001"), Typical.Replace("1003", "99999"),
                Typical.Replace("tcp://127.0.0.1:1001", ""), Typical.Replace("secret2", "\\u00fc"),
            })
            {
                Assert.IsNull(SidecarFile.Read(text), text);
            }
        }

        [Test]
        public void JsonIsReadAndWritten()
        {
            foreach (string text in new[]
            {
                "null", "true", "[]", "{}", "[1,-2.5,\"a\\u0000\\\"\\\\\"]", "{\"a\":{\"b\":[null,false]}}", "1E+300",
            })
            {
                Assert.IsTrue(Json.TryRead(text, out object value), text);
                Assert.AreEqual(text, Json.Write(value));
            }
            foreach (string text in new[]
            {
                "", "nul", "[1,]", "{\"a\"}", "{1:2}", "\"", "\"\\x\"", "1 2", "1e999", "--1", "\"\n\"", "[",
                new string('[', 100) + new string(']', 100),
            })
            {
                Assert.IsFalse(Json.TryRead(text, out object value), text);
            }
        }

        private static string On(OSPlatform platform, string named, string variable, string value, string directory = "/there")
        {
            var variables = new Dictionary<string, string> { { variable, value } };
            return Discovery.Directory(named, new Discovery.Place
            {
                Platform = platform,
                Variable = name => variables.TryGetValue(name, out string found) ? found : null,
                IsDirectory = path => path == directory,
                Home = "/home/ada",
                LocalApplicationData = @"C:\Local",
                UserId = "1000",
            });
        }
    }
}
