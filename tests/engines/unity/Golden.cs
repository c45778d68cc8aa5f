using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Rapport.Tests
{
    /// <summary>Reads golden vectors, and frames of chance, and says in JSON what it made of them.</summary>
    internal static class Golden
    {
        /// <summary>Says one line of JSON for each vector of the files in a folder.</summary>
        public static void Say(string folder)
        {
            foreach (string file in new[] { "states", "events", "invalid", "control" })
            {
                Json.TryRead(File.ReadAllText(Path.Combine(folder, file + ".json")), out object content);
                foreach (KeyValuePair<string, object> list in (Dictionary<string, object>)content)
                {
                    foreach (object vector in (List<object>)list.Value)
                    {
                        var fields = new Fields((Dictionary<string, object>)vector);
                        Console.WriteLine(Json.Write(Read(list.Key == "vectors" ? file : list.Key, fields)));
                    }
                }
            }
        }

        /// <summary>Reads the frames of a file, each after its length in 4 bytes, and says Y or N for each
        /// as a state and as an event, in one line.</summary>
        public static void Judge(string file)
        {
            byte[] data = File.ReadAllBytes(file);
            var states = new StateDecoder();
            var events = new EventDecoder();
            var words = new Words();
            var state = new EmotionState();
            var verdicts = new System.Text.StringBuilder();
            for (int at = 0; at < data.Length;)
            {
                int length = BitConverter.ToInt32(data, at);
                at += 4;
                verdicts.Append(states.Decode(data, at, length, state) == MessageFault.None ? 'Y' : 'N');
                verdicts.Append(events.Decode(data, at, length, out RapportEvent none) == MessageFault.None ? 'Y' : 'N');
                ReplyFrame.TryRead(data, at, length, words, out ReplyFrame frame);
                ReadBothWays(data, at, length, words);
                at += length;
            }
            Console.WriteLine(verdicts);
        }

        /// <summary>Reads the states of a file, each after its length in 4 bytes, and says in a line of JSON what
        /// each of the signals of another is: value, word, confidence. The first line has their kinds, and exit levels for 0.6.</summary>
        public static void SaySignals(string frames, string names)
        {
            string[] signals = File.ReadAllLines(names);
            var kinds = new List<object>();
            foreach (string signal in signals)
            {
                string kind = Signals.KindOf(signal).ToString().ToLowerInvariant();
                kinds.Add(new List<object> { kind, Signals.DefaultExit(signal, 0.6) });
            }
            Console.WriteLine(Json.Write(kinds));
            byte[] data = File.ReadAllBytes(frames);
            var decoder = new StateDecoder();
            var state = new EmotionState();
            for (int at = 0; at < data.Length;)
            {
                int length = BitConverter.ToInt32(data, at);
                at += 4;
                if (decoder.Decode(data, at, length, state) != MessageFault.None)
                {
                    throw new InvalidOperationException("a state was refused");
                }
                at += length;
                var said = new Dictionary<string, object> { { "state", Dump.Of(state) }, { "signals", new List<object>() } };
                foreach (string signal in signals)
                {
                    var reading = new List<object> { state.ValueOf(signal), state.WordOf(signal), state.ConfidenceOf(signal) };
                    ((List<object>)said["signals"]).Add(reading);
                }
                Console.WriteLine(Json.Write(said));
            }
        }

        // Reading a value and skipping it must end at the same place, and never behind the message.
        private static void ReadBothWays(byte[] data, int at, int length, Words words)
        {
            var reader = new MessagePackReader(data, at, length, words);
            var skipper = new MessagePackReader(data, at, length, words);
            reader.ReadValue(Fields.DepthMax);
            skipper.Skip();
            bool isPast = reader.Position > at + length || skipper.Position > at + length;
            if (isPast || (reader.Ok && skipper.Position != reader.Position))
            {
                throw new InvalidOperationException("read to " + reader.Position + ", skipped to " + skipper.Position);
            }
        }

        private static Dictionary<string, object> Read(string list, Fields vector)
        {
            string hex = vector.Text("frame_hex", vector.Text("payload_hex"));
            var said = new Dictionary<string, object> { { "list", list }, { "name", vector.Text("name", vector.Text("answer")) } };
            byte[] data = Bytes(hex);
            switch (list)
            {
                case "states":
                case "invalid":
                    var state = new EmotionState();
                    said["fault"] = new StateDecoder().Decode(data, 0, data.Length, state).ToString();
                    said["value"] = Dump.Of(state);
                    if (list == "invalid")
                    {
                        said["as_event"] = new EventDecoder().Decode(data, 0, data.Length, out RapportEvent none).ToString();
                    }
                    break;
                case "events":
                    said["fault"] = new EventDecoder().Decode(data, 0, data.Length, out RapportEvent happened).ToString();
                    said["value"] = happened == null ? null : Dump.Of(happened);
                    break;
                case "requests":
                    said["hex"] = Written(vector.Map("expected"));
                    break;
                case "replies":
                    said["value"] = Reply(data);
                    break;
                case "refused":
                    said["value"] = Reply(data);
                    break;
            }
            return said;
        }

        private static string Written(Fields expected)
        {
            var fields = new Dictionary<string, object>();
            foreach (string name in expected.Names)
            {
                if (name != "op" && name != "id")
                {
                    fields[name] = expected[name];
                }
            }
            byte[] request = Request.Encode(expected.Text("op"), fields, expected.Integer("id"));
            return BitConverter.ToString(request).Replace("-", "").ToLowerInvariant();
        }

        private static Dictionary<string, object> Reply(byte[] data)
        {
            var words = new Words();
            if (!ReplyFrame.TryRead(data, 0, data.Length, words, out ReplyFrame frame))
            {
                return null;
            }
            var reader = new MessagePackReader(data, frame.Start, frame.Length, words);
            object value = reader.ReadValue(Fields.DepthMax);
            return new Dictionary<string, object>
            {
                { "id", frame.Id }, { frame.IsError ? "error" : "reply", reader.Ok ? value : null },
            };
        }

        private static byte[] Bytes(string hex)
        {
            var bytes = new byte[hex.Length / 2];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = byte.Parse(hex.Substring(2 * i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            return bytes;
        }
    }
}
