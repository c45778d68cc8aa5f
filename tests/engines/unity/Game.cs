using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Rapport.Tests
{
    /// <summary>
    /// A game without an engine: pumps a connection, says in lines of JSON what it is told, and obeys
    /// lines on standard input. Ends when that closes, so that it never outlives its test.
    /// </summary>
    internal sealed class Game
    {
        private const int FrameMs = 4;

        /// <summary>Pumps before what they allocate counts: by then every word was read once.</summary>
        private const int WarmUp = 100;

        private readonly RapportConnection _connection;
        private readonly ConcurrentQueue<string> _lines = new ConcurrentQueue<string>();
        private readonly List<double> _latenciesMs = new List<double>(1000000);
        private readonly int _thread = Thread.CurrentThread.ManagedThreadId;
        private long _states;
        private long _oldestMs;
        private long _said;
        private long _pumps;
        private long _quietPumps;
        private long _allocated;

        private Game(string app, string directory)
        {
            _connection = new RapportConnection(app, "Test game", directory);
            _connection.ConnectionChanged += (isUp, reason) => Say("connection", new List<object> { isUp, reason });
            _connection.ConditionChanged += (modality, now, before) => Say("condition", new List<object> { modality, now, before });
            _connection.EventReceived += happened => Say("event", Dump.Of(happened));
            _connection.ReactionBegan += reaction => Say("began", Dump.Of(reaction));
            _connection.ReactionUpdated += reaction => Say("updated", Dump.Of(reaction));
            _connection.ReactionEnded += reaction => Say("ended", Dump.Of(reaction));
            _connection.StatusChanged += status => Say("status", new List<string>(status.Applications));
            _connection.ConsentChanged += status => Say("consent", new List<string>(status.Capturing));
            _connection.Warned += (code, what) => Say("warned", new List<object> { code, what });
            _connection.StateChanged += OnState;
        }

        public static void Play(string app, string directory)
        {
            new Game(app, directory).Loop();
        }

        private void Loop()
        {
            var reader = new Thread(Read) { IsBackground = true };
            reader.Start();
            _connection.Start();
            for (bool on = true; on; Thread.Sleep(FrameMs))
            {
                Pump();
                while (on && _lines.TryDequeue(out string line))
                {
                    on = Obey(line);
                }
            }
            _connection.Stop();
            Say("stopped", null);
        }

        // Counts what a look allocates in which nothing but a state came.
        private void Pump()
        {
            long said = _said, states = _states, before = GC.GetAllocatedBytesForCurrentThread();
            _connection.Pump();
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (said == _said && _states > states && _connection.IsConnected && ++_pumps > WarmUp)
            {
                _quietPumps++;
                _allocated += allocated;
            }
        }

        private void Read()
        {
            for (string line = Console.In.ReadLine(); line != null; line = Console.In.ReadLine())
            {
                _lines.Enqueue(line);
            }
            _lines.Enqueue("quit");
        }

        private void OnState(EmotionState state)
        {
            _states++;
            if (state.ReceivedNs > 0)
            {
                _latenciesMs.Add((state.ReceivedNs - state.PublishedNs) / 1e6);
                _oldestMs = Math.Max(_oldestMs, (Clock.NowNs - state.PublishedNs) / 1000000);
            }
        }

        private bool Obey(string line)
        {
            string[] words = line.Split(new[] { ' ' }, 3);
            switch (words[0])
            {
                case "ask":
                    _connection.Ask(words[1], Map(words), reply => Say("reply", Dump.Of(reply)));
                    break;
                case "profile":
                    Answer(_connection.SetProfile(words[1], words[2]));
                    break;
                case "context":
                    Answer(_connection.SetContext(words[1], Map(words)));
                    break;
                case "line":
                    var said = new Fields(Map(words));
                    Answer(_connection.Say(words[1], said.Text("text"), said.Text("role"), said.Text("line"), said.Number("seconds")));
                    break;
                case "mark":
                    Answer(words.Length > 2 ? _connection.Mark(words[1], long.Parse(words[2])) : _connection.Mark(words[1]));
                    break;
                case "waitfor":
                    _connection.WaitFor(words[1]).ContinueWith(
                        task => Say("waited", task.IsCanceled ? null : Dump.Of(task.Result)),
                        TaskContinuationOptions.ExecuteSynchronously);
                    break;
                case "capture":
                    _connection.WantsCapture = words[1] == "on";
                    break;
                case "feed":
                    Feed(words[1]);
                    break;
                case "stall":
                    Thread.Sleep(int.Parse(words[1]));
                    _oldestMs = 0;
                    break;
                case "forget":
                    _oldestMs = 0;
                    break;
                case "state":
                    Say("state", Dump.Of(_connection.State));
                    break;
                case "figures":
                    Say("figures", Figures());
                    break;
                case "cycles":
                    Cycle(int.Parse(words[1]));
                    break;
                case "stop":
                    _connection.Stop();
                    break;
                case "start":
                    _connection.Start();
                    break;
                case "quit":
                    return false;
            }
            return true;
        }

        private static Dictionary<string, object> Map(string[] words)
        {
            object map = null;
            return words.Length > 2 && Json.TryRead(words[2], out map) ? (Dictionary<string, object>)map : null;
        }

        private void Answer(Task<Reply> task)
        {
            task.ContinueWith(done => Say("reply", Dump.Of(done.Result)), TaskContinuationOptions.ExecuteSynchronously);
        }

        private void Feed(string emotion)
        {
            var state = new EmotionState { Label = emotion, Confidence = 0.9, Replay = true };
            var shares = new double[8];
            shares[Vocabulary.IndexOf(Vocabulary.Labels, emotion)] = 1;
            state.Probabilities.Set(shares);
            state.Modalities.Add("face").Condition = "ok";
            _connection.FeedState(state);
            var happened = new RapportEvent { Kind = "reaction_began", Reaction = new Reaction { Name = "fed", Npc = "mira" } };
            _connection.FeedEvent(happened);
        }

        // As entering and leaving play mode: each time until it is connected, pumped for a while.
        private void Cycle(int times)
        {
            Say("before", Held());
            for (int i = 0; i < times; i++)
            {
                _connection.Start();
                for (var watch = Stopwatch.StartNew(); !_connection.IsConnected && watch.ElapsedMilliseconds < 20000;)
                {
                    _connection.Pump();
                    Thread.Sleep(1);
                }
                _connection.Stop();
            }
            Say("after", Held());
        }

        private static List<object> Held()
        {
            int sockets = 0;
            foreach (string file in Directory.GetFiles("/proc/self/fd"))
            {
                sockets += Link(file).StartsWith("socket:", StringComparison.Ordinal) ? 1 : 0;
            }
            return new List<object> { Directory.GetDirectories("/proc/self/task").Length, sockets };
        }

        private static string Link(string file)
        {
            var bytes = new byte[256];
            long count = ReadLink(file, bytes, bytes.Length);
            return count < 0 ? "" : System.Text.Encoding.UTF8.GetString(bytes, 0, (int)count);
        }

        private Dictionary<string, object> Figures()
        {
            _latenciesMs.Sort();
            int count = _latenciesMs.Count;
            return new Dictionary<string, object>
            {
                { "states", _states },
                { "refused", _connection.Refused },
                { "missed_events", _connection.MissedEvents },
                { "oldest_ms", _oldestMs },
                { "quiet_pumps", _quietPumps },
                { "allocated", _allocated },
                { "p50_ms", count == 0 ? (double?)null : _latenciesMs[count / 2] },
                { "p99_ms", count == 0 ? (double?)null : _latenciesMs[(int)(count * 0.99)] },
            };
        }

        private void Say(string what, object value)
        {
            _said++;
            // Everything must be told on the thread that pumps.
            bool here = Thread.CurrentThread.ManagedThreadId == _thread;
            var line = new Dictionary<string, object> { { here ? what : "elsewhere", value } };
            lock (Console.Out)
            {
                Console.Out.WriteLine(Json.Write(line));
                Console.Out.Flush();
            }
        }

        [System.Runtime.InteropServices.DllImport("libc.so.6", EntryPoint = "readlink")]
        private static extern long ReadLink(string path, byte[] buffer, long size);
    }
}
